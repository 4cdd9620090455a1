// The labels by which projects are known to any compose tool, exactly docker compose's. Nothing else spells them.

const P = 'com.docker.compose.';

/** Label names. */
export const LABEL = {
  project: `${P}project`,
  service: `${P}service`,
  number: `${P}container-number`,
  oneoff: `${P}oneoff`,
  slug: `${P}slug`,
  hash: `${P}config-hash`,
  version: `${P}version`,
  workingDir: `${P}project.working_dir`,
  configFiles: `${P}project.config_files`,
  environmentFile: `${P}project.environment_file`,
  dependsOn: `${P}depends_on`,
  image: `${P}image`,
  imageBuilder: `${P}image.builder`,
  replace: `${P}replace`,
  network: `${P}network`,
  volume: `${P}volume`,
} as const;

/** The version of docker compose whose behaviour the labels promise. */
export const COMPOSE_VERSION = '2.26.1';

/** True for labels that belong to the tool, not to the user. */
export function isComposeLabel(name: string): boolean {
  return name.startsWith(P);
}
