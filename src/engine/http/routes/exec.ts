// The exec routes.
import type { CreateExecBody, StartExecBody } from '../../../api/containers.ts';
import {
  claimExec,
  createExec,
  findExec,
  inspectExec,
  resizeExec,
  runAttached,
  runDetached,
  type FoundExec,
} from '../../containers/exec.ts';
import type { Containers } from '../../containers/context.ts';
import { EXEC_BODY, EXEC_START_BODY } from '../../containers/shapes.ts';
import type { ApiRequest, Handlers } from '../types.ts';
import { containerOf, readBody, streamType, windowSize } from './containers.ts';

/** Serves the routes of execs. */
export function execHandlers(containers: Containers): Handlers {
  const execOf = (request: ApiRequest): FoundExec => findExec(containers, request.params['id'] ?? '');
  return {
    execCreate: async (request) => {
      const body = (await readBody<CreateExecBody>(request, EXEC_BODY)) ?? {};
      return { status: 201, json: { Id: createExec(containers, containerOf(containers, request), body) } };
    },
    execStart: async (request) => {
      const found = execOf(request);
      const body = (await readBody<StartExecBody>(request, EXEC_START_BODY)) ?? {};
      claimExec(found);
      if (body.Detach === true) {
        await runDetached(containers, found, body);
        return { status: 200 };
      }
      return {
        contentType: streamType(request, found.exec.request.Tty === true),
        serve: async (socket) => runAttached(containers, found, body, socket),
      };
    },
    execResize: async (request) => {
      await resizeExec(execOf(request), windowSize(request));
      return { status: 200 };
    },
    execInspect: async (request) => Promise.resolve({ json: inspectExec(execOf(request)) }),
  };
}
