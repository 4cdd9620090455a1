// Bodies of the image, network, volume and system endpoints, and events. Declarations only.
import type { ContainerConfig, Maybe } from './containers.ts';

/** Answer of GET /images/{name}/json. */
export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created: string;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: ContainerConfig;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly Size: number;
  readonly VirtualSize?: number;
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> | null };
  readonly RootFS: { readonly Type: 'layers'; readonly Layers: readonly string[] };
  readonly Metadata: { readonly LastTagTime: string };
}

/** Item of GET /images/{name}/history, newest step first. */
export interface HistoryItem {
  /** Of the image the step made, `<missing>` where that is not here. */
  readonly Id: string;
  /** Unix seconds. */
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: readonly string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

/** Item of GET /images/json. */
export interface ImageSummary {
  readonly Id: string;
  readonly ParentId: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Created: number;
  readonly Size: number;
  readonly SharedSize: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Containers: number;
}

export type ImageDeleteItem = { readonly Untagged: string } | { readonly Deleted: string };

export interface IpamPool {
  readonly Subnet?: Maybe<string>;
  readonly IPRange?: Maybe<string>;
  readonly Gateway?: Maybe<string>;
  readonly AuxiliaryAddresses?: Maybe<Readonly<Record<string, string>>>;
}

/** Body of POST /networks/create. */
export interface CreateNetworkBody {
  readonly Name: string;
  readonly Driver?: Maybe<string>;
  readonly Internal?: Maybe<boolean>;
  readonly Attachable?: Maybe<boolean>;
  readonly EnableIPv4?: Maybe<boolean>;
  readonly EnableIPv6?: Maybe<boolean>;
  readonly CheckDuplicate?: Maybe<boolean>;
  readonly Scope?: Maybe<string>;
  readonly Ingress?: Maybe<boolean>;
  readonly ConfigOnly?: Maybe<boolean>;
  readonly ConfigFrom?: Maybe<{ readonly Network: string }>;
  readonly IPAM?: Maybe<{
    readonly Driver?: Maybe<string>;
    readonly Config?: Maybe<readonly IpamPool[]>;
    readonly Options?: Maybe<Readonly<Record<string, string>>>;
  }>;
  readonly Options?: Maybe<Readonly<Record<string, string>>>;
  readonly Labels?: Maybe<Readonly<Record<string, string>>>;
}

/** Answer of GET /networks/{id} and item of GET /networks. */
export interface NetworkInspect {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: 'local';
  readonly Driver: string;
  readonly EnableIPv4: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
    readonly Config: readonly IpamPool[];
  };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly ConfigOnly: boolean;
  readonly Containers: Readonly<Record<string, NetworkMember>>;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface NetworkMember {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

/** Answer of the volume endpoints. */
export interface Volume {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly CreatedAt: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Scope: 'local';
}

/** Body of POST /volumes/create. */
export interface CreateVolumeBody {
  readonly Name?: Maybe<string>;
  readonly Driver?: Maybe<string>;
  readonly DriverOpts?: Maybe<Readonly<Record<string, string>>>;
  readonly Labels?: Maybe<Readonly<Record<string, string>>>;
}

export interface VolumeList {
  readonly Volumes: readonly Volume[];
  readonly Warnings: readonly string[];
}

/** One line of GET /events. */
export interface EngineEvent {
  readonly Type: 'container' | 'image' | 'network' | 'volume' | 'daemon';
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: 'local';
  /** Unix seconds, and nanoseconds. */
  readonly time: number;
  readonly timeNano: number;
  /** For containers and images, below API 1.52. */
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
}

export interface VersionAnswer {
  readonly Platform: { readonly Name: string };
  readonly Components: readonly {
    readonly Name: string;
    readonly Version: string;
    readonly Details?: Readonly<Record<string, string>>;
  }[];
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
  readonly GitCommit: string;
  readonly GoVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion: string;
  readonly BuildTime: string;
}
