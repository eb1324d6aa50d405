/** URLs of this machine's own servers, as they are named outside and inside of a container. Apart from what needs YAML: the router asks this. */

/** The name by which a container reaches the user's machine (`extra_hosts: host.docker.internal:host-gateway`). */
export const hostGateway = "host.docker.internal";

/** A loopback host in a URL. Global: made for `replaceAll` and `search`. */
export const loopbackInUrl = /(?<=\/\/)(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0)(?=[:/}]|$)/gi;

/** A URL, or a text with URLs in it, as seen from inside a container. */
export const urlFromContainer = (url: string): string => url.replaceAll(loopbackInUrl, hostGateway);
