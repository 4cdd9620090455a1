// The one home of process.env: everything else is handed the variables it may read.

/** Environment variables by name. */
export type Env = Readonly<Record<string, string>>;

/** A copy of this process's environment. */
export function processEnv(): Env {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return env;
}
