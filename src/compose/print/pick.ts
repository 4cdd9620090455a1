// Finds the option of a shape that a bound (plain) value belongs to.
import type { Shape, UnionShape } from '../attributes/shape.ts';
import type { Plain } from '../bind/bind.ts';

type Simple = Exclude<Shape, UnionShape>;

/** The option for a value; anything for one that fits none. */
export function pickBound(shape: Shape, value: Plain): Simple {
  if (shape.kind !== 'union') return shape;
  for (const option of shape.options) {
    const picked = pickBound(option, value);
    if (fits(picked, value)) return picked;
  }
  return { kind: 'any' };
}

function fits(shape: Simple, value: Plain): boolean {
  if (shape.kind === 'any') return false;
  if (Array.isArray(value)) return shape.kind === 'list';
  if (value !== null && typeof value === 'object') return shape.kind === 'object' || shape.kind === 'dict';
  return shape.kind === 'scalar' && (value !== null || shape.accepts.includes('null'));
}
