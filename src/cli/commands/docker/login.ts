// `docker login`: the engine checks the credentials, then they are kept where docker keeps them.
import { GantryError } from '../../../base/error.ts';
import type { RegistryAuth } from '../../../client/build.ts';
import {
  configFile,
  findCredentials,
  keepsPlainText,
  registryKey,
  storeCredentials,
} from '../../../client/docker-config.ts';
import type { Context } from '../../context.ts';
import { isTerminal } from '../../io.ts';
import { askLine } from '../../prompt.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

const MAX_PASSWORD = 1024 * 1024;

/** `docker login [-u USER] [-p PASSWORD|--password-stdin] [SERVER]`. */
export const login: DefineVerb = (command, begin) => {
  command
    .argument('[server]')
    .option('-u, --username <name>', 'user name')
    .option('-p, --password <password>', 'password, seen by everyone who can list processes')
    .option('--password-stdin', 'read the password from stdin')
    .action((server: string | undefined, flags: Flags) =>
      begin(async (context) => {
        await runLogin(context, server ?? '', flags);
        return undefined;
      }),
    );
};

async function runLogin(context: Context, server: string, flags: Flags): Promise<void> {
  const key = registryKey(server);
  const auth = await credentialsToTry(context, server, flags);
  const docker = await context.docker();
  const answer = await docker.checkAuth({ ...auth, serveraddress: key }, { abortSignal: context.interrupts.signal });
  const token = answer.IdentityToken ?? '';
  const kept = token === '' ? auth : { ...auth, password: '', identitytoken: token };
  if (await keepsPlainText(context.env, server)) {
    context.remark(`WARNING! Your password will be stored unencrypted in ${configFile(context.env)}.\n`);
  }
  await storeCredentials(context.env, server, kept);
  context.print(`${answer.Status}\n`);
}

async function credentialsToTry(context: Context, server: string, flags: Flags): Promise<RegistryAuth> {
  checkFlags(flags);
  const { username } = flags;
  if (flags.passwordStdin === true) return { username: username ?? '', password: await passwordFrom(context) };
  if (flags.password !== undefined) {
    context.remark('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    if (username !== undefined) return { username, password: flags.password };
  }
  const known = username === undefined ? await findCredentials(context.env, server) : undefined;
  if (known !== undefined) {
    context.remark('Authenticating with existing credentials...\n');
    return known;
  }
  if (!isTerminal(context.io.stdin)) {
    throw new GantryError('usage/invalid-flag', 'cannot perform an interactive login from a non TTY device', {
      hint: 'gantry login -u USER --password-stdin SERVER',
    });
  }
  const name = username ?? (await askLine(context, `Username for ${registryKey(server)}: `, { isSecret: false }));
  const password = flags.password ?? (await askLine(context, 'Password: ', { isSecret: true }));
  return { username: name, password };
}

function checkFlags({ username, password, passwordStdin }: Flags): void {
  if (passwordStdin !== true) return;
  if (password !== undefined)
    throw new GantryError('usage/invalid-flag', '--password and --password-stdin are mutually exclusive');
  if (username === undefined)
    throw new GantryError('usage/invalid-flag', 'must provide --username with --password-stdin');
}

async function passwordFrom({ io }: Context): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > MAX_PASSWORD) throw new GantryError('usage/invalid-flag', 'the password on stdin is too long');
  }
  return text.replace(/\r?\n$/, '');
}
