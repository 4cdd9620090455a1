// `gantry docker …` for images, volumes, networks and the system: Docker's words and statuses, line by line.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CliLab } from '../support/cli.ts';

let lab: CliLab;
beforeAll(async () => {
  lab = await CliLab.create();
});
afterAll(async () => lab[Symbol.asyncDispose]());

const docker = async (line: string): Promise<string> => await lab.ok('docker', ...words(line));

/** Words of a line; those in single quotes are one. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

describe('volumes', () => {
  test('are made, listed, looked at and removed', async () => {
    expect(await docker('volume create --label a=b --label c data')).toBe('data\n');
    expect(await docker('volume create -d local other')).toBe('other\n');
    expect(await docker('volume ls')).toBe('DRIVER    VOLUME NAME\nlocal     data\nlocal     other\n');
    expect(await docker('volume ls -q --filter label=a=b')).toBe('data\n');
    expect(await docker(`volume ls --format 'table {{.Name}}\\t{{.Label "a"}}\\t{{.Size}}' -f name=data`)).toBe(
      'VOLUME NAME   a         SIZE\ndata          b         N/A\n',
    );
    expect(JSON.parse(await docker('volume ls --format json -f name=data'))).toMatchObject({
      Driver: 'local',
      Labels: 'a=b,c=',
      Links: 'N/A',
      Name: 'data',
      Scope: 'local',
    });
    expect(await docker(`volume inspect -f '{{.Name}} {{json .Labels}}' data`)).toBe('data {"a":"b","c":""}\n');
    const mixed = await lab.run('docker', 'volume', 'rm', 'data', 'nope');
    expect(mixed).toMatchObject({ status: 1, stdout: 'data\n' });
    expect(mixed.stderr).toContain('get nope: no such volume');
    expect(await docker('volume rm -f nope')).toBe('nope\n');
    expect(await lab.run('docker', 'volume', 'inspect', 'nope')).toMatchObject({ status: 1, stdout: '[]\n' });
  });

  test('are pruned after a question', async () => {
    const asked = await lab.begin(['docker', 'volume', 'prune', '-a'], 'n\n').result;
    expect(asked).toEqual({
      status: 0,
      stdout:
        'WARNING! This will remove all local volumes not used by at least one container.\nAre you sure you want to continue? [y/N] ',
      stderr: '',
    });
    expect(await docker('volume prune -f')).toBe('Total reclaimed space: 0B\n');
    const agreed = await lab.begin(['docker', 'volume', 'prune', '--all'], 'y\n').result;
    expect(agreed.stdout).toContain('Deleted Volumes:\nother\n\nTotal reclaimed space: 0B\n');
  });
});

describe('networks', () => {
  test('are made with every flag, listed, joined, left and removed', async () => {
    const id = (
      await docker(
        'network create --subnet 10.66.0.0/16 --gateway 10.66.0.7 --ip-range 10.66.3.0/24 --aux-address h=10.66.0.9 ' +
          '--attachable -o com.docker.network.driver.mtu=1400 --label a=b front',
      )
    ).trim();
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await docker(`network inspect -f '{{json .IPAM.Config}} {{json .Options}}' front`)).toBe(
      '[{"Subnet":"10.66.0.0/16","IPRange":"10.66.3.0/24","Gateway":"10.66.0.7","AuxiliaryAddresses":{"h":"10.66.0.9"}}] ' +
        '{"com.docker.network.driver.mtu":"1400"}\n',
    );
    expect(await docker('network ls -f name=front')).toBe(
      `NETWORK ID     NAME      DRIVER    SCOPE\n${id.slice(0, 12)}   front     bridge    local\n`,
    );
    expect(await docker('network ls --no-trunc -q -f label=a=b')).toBe(`${id}\n`);
    await lab.compose('services: {one: {image: busybox, command: sleep 1000, container_name: one}}');
    await lab.ok('up', '-d');
    expect(await docker('network connect --ip 10.66.3.9 --alias alias front one')).toBe('');
    expect(await docker(`inspect -f '{{.NetworkSettings.Networks.front.IPAddress}}' one`)).toBe('10.66.3.9\n');
    const busy = await lab.run('docker', 'network', 'rm', 'front');
    expect(busy).toMatchObject({ status: 1, stdout: '' });
    expect(busy.stderr).toContain('has active endpoints');
    expect(await docker('network disconnect front one')).toBe('');
    expect(await docker('network rm front')).toBe('front\n');
    expect(await docker('network rm -f front')).toBe('');
    await lab.ok('down', '-t', '0');
  });

  test('an address without its subnet is refused, and pruning tells names', async () => {
    const refused = await lab.run('docker', 'network', 'create', '--gateway', '10.0.0.1', 'x');
    expect(refused.stderr).toContain('every ip-range or gateway must have a corresponding subnet');
    await docker('network create spare');
    expect(await docker('network prune -f')).toBe('Deleted Networks:\nspare\n\n');
  });
});

describe('images', () => {
  test('are tagged, listed and removed with their Untagged lines', async () => {
    await docker('tag busybox my/app:1');
    await docker('tag my/app:1 my/app:2');
    const table = await docker('images my/app');
    expect(table).toMatch(/^REPOSITORY {3}TAG {7}IMAGE ID {7}CREATED +SIZE\nmy\/app {7}1 {9}[0-9a-f]{12} {3}.* ago/);
    expect(table.trimEnd().split('\n')).toHaveLength(3);
    expect(await docker(`images --format '{{.Repository}}:{{.Tag}} {{.Digest}}' my/app:2`)).toBe('my/app:2 <none>\n');
    expect(await docker('images -q --no-trunc my/app:1')).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    const gone = await lab.run('docker', 'rmi', 'my/app:1', 'nope', 'my/app:2');
    expect(gone).toMatchObject({ status: 1, stdout: 'Untagged: my/app:1\nUntagged: my/app:2\n' });
    expect(gone.stderr).toContain('No such image: nope:latest');
    expect((await lab.run('docker', 'rmi', '-f', 'nope')).status).toBe(0);
    expect(await docker('image prune -f')).toBe('Total reclaimed space: 0B\n');
    expect(await docker(`history --format '{{.CreatedBy}}|{{.Comment}}' busybox`)).toMatch(/\|Imported from -\n$/);
  });
});

describe('the system', () => {
  test('inspect finds any kind', async () => {
    expect(await docker(`inspect -f '{{.Name}}' bridge`)).toBe('bridge\n');
    expect(await docker(`inspect -f '{{.RepoTags}}' busybox`)).toBe('[busybox:latest]\n');
    const missing = await lab.run('docker', 'inspect', 'nope');
    expect(missing).toMatchObject({ status: 1, stdout: '[]\n' });
    expect(missing.stderr).toContain('No such object: nope');
    expect((await lab.run('docker', 'inspect', '--type', 'foo', 'x')).stderr).toContain('not a valid value for --type');
  });

  test('info, version, events', async () => {
    const info = await docker('info');
    expect(info).toMatch(/^Client: gantry\n[^]*\nServer:\n Containers: 0\n {2}Running: 0\n/);
    expect(info).toMatch(/\n Storage Driver: overlay2\n[^]*\n Total Memory: [\d.]+GiB\n/);
    expect(await docker(`info -f '{{.OSType}} {{.ClientInfo.Context}}'`)).toBe('linux default\n');
    expect(await docker('version')).toMatch(/^Client: gantry\n Version: {11}\S+\n[^]*\nServer: gantry\n Engine:\n/);
    expect(await docker(`version --format '{{.Server.Os}}'`)).toBe('linux\n');
    await docker('volume create told');
    const events = await docker('events --since 1m --until 0s -f type=volume -f event=create');
    expect(events).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}\S+ volume create told \(driver=local\)$/m);
    expect(await docker(`events --since 1m --until 0s -f volume=told --format '{{.Type}} {{.Action}}'`)).toBe(
      'volume create\n',
    );
    await docker('volume rm told');
  });

  test('system prune asks, then removes one kind after the other', async () => {
    const asked = await lab.begin(['docker', 'system', 'prune', '--volumes', '--filter', 'label=x'], 'n\n').result;
    expect(asked.stdout).toBe(
      'WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n' +
        '  - all anonymous volumes not used by at least one container\n  - all dangling images\n  - unused build cache\n\n' +
        '  Items to be pruned will be filtered with:\n  - label=x\n\nAre you sure you want to continue? [y/N] ',
    );
    const { stdout: id } = await lab.run('docker', 'create', 'busybox', 'true');
    expect(await docker('container prune -f')).toBe(`Deleted Containers:\n${id}\nTotal reclaimed space: 0B\n`);
    await docker('network create spare');
    expect(await docker('system prune -f')).toBe('Deleted Networks:\nspare\n\nTotal reclaimed space: 0B\n');
    expect(await docker('builder prune -f')).toBe('Total reclaimed space: 0B\n');
  });
});
