/**
 * Runs a command that can reach the npm registry and nothing else: `tsx scripts/registry-only.ts COMMAND …`.
 *
 * Where Linux lets us (root, or user namespaces; and `ip`), the command has a network of its own, in which there is only a proxy
 * to the registry's host. Elsewhere the proxy is named in the environment, which npm and install scripts heed if they will.
 * At the end it says which of the two it was, and what else was asked for.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type Server, createServer, request } from "node:http";
import { type AddressInfo, type Socket, connect, createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Given to ourselves inside of the namespace, before the socket. */
const INSIDE = "--inside";

const [first, ...rest] = process.argv.slice(2);
if (first === undefined) throw new Error("Give a command: tsx scripts/registry-only.ts COMMAND …");
process.exitCode = first === INSIDE ? await inside(rest[0], rest.slice(1)) : await outside([first, ...rest]);

/** Starts the proxy and the command beside it. @returns the command's exit code */
async function outside(command: readonly string[]): Promise<number> {
  const registry = new URL(
    spawnSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).stdout.trim(),
  );
  const refused = new Set<string>();
  const proxy = registryProxy(registry, refused);
  const folder = mkdtempSync(join(tmpdir(), "registry-only-"));
  try {
    const apart = namespace();
    let code: number;
    if (apart !== null) {
      const socket = join(folder, "proxy");
      await new Promise<void>((resolve) => proxy.listen(socket, resolve));
      const again = [process.execPath, ...process.execArgv, import.meta.filename, INSIDE, socket, ...command];
      code = await ended(spawn(apart[0], [...apart.slice(1), ...again], { stdio: "inherit" }));
    } else {
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      code = await ended(withProxy(command, (proxy.address() as AddressInfo).port));
    }
    const how = apart ? "a network of its own" : "a proxy in the environment";
    const others = refused.size > 0 ? `; refused: ${[...refused].join(", ")}` : "";
    console.error(`registry-only: ${registry.host} through ${how}${others}`);
    return code;
  } finally {
    proxy.closeAllConnections();
    proxy.close();
    rmSync(folder, { recursive: true });
  }
}

/** In the namespace: the proxy's socket as a port, and the command. */
async function inside(socket: string, command: readonly string[]): Promise<number> {
  spawnSync("ip", ["link", "set", "lo", "up"], { stdio: "inherit" });
  const port = createSocketServer((client) => bridge(client, connect(socket)));
  await new Promise<void>((resolve) => port.listen(0, "127.0.0.1", resolve));
  const code = await ended(withProxy(command, (port.address() as AddressInfo).port));
  process.exit(code);
}

/** How a process gets a network of its own; null where it cannot. */
function namespace(): readonly string[] | null {
  const isAble = (apart: readonly string[]) =>
    spawnSync(apart[0], [...apart.slice(1), "ip", "link", "set", "lo", "up"]).status === 0;
  return (
    [
      ["unshare", "-n"],
      ["unshare", "-rn"],
    ].find(isAble) ?? null
  );
}

function withProxy([program, ...args]: readonly string[], port: number): ChildProcess {
  const address = `http://127.0.0.1:${port}`;
  const names = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "npm_config_proxy",
    "npm_config_https_proxy",
  ];
  const agents = ["GLOBAL_AGENT_HTTP_PROXY", "GLOBAL_AGENT_HTTPS_PROXY"];
  const env = { ...process.env, ...Object.fromEntries([...names, ...agents].map((name) => [name, address])) };
  for (const name of ["NO_PROXY", "no_proxy", "npm_config_noproxy"]) delete env[name as keyof typeof env];
  return spawn(program, args, { stdio: "inherit", env });
}

/** An HTTP proxy to one host; the names of others go to `refused`. */
function registryProxy(registry: URL, refused: Set<string>): Server {
  const registryPort = registry.port === "" ? (registry.protocol === "https:" ? "443" : "80") : registry.port;
  const isRegistry = (host: string, port: string) => host === registry.hostname && port === registryPort;
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url!);
    if (!isRegistry(url.hostname, url.port || "80")) {
      refused.add(url.host);
      answer.writeHead(403).end();
      return;
    }
    const onward = request(url, { method: asked.method, headers: asked.headers }, (found) => {
      answer.writeHead(found.statusCode!, found.headers);
      found.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  });
  server.on("connect", (asked, client: Socket) => {
    const [host, port] = asked.url!.split(":");
    if (!isRegistry(host, port)) {
      refused.add(asked.url!);
      client.end("HTTP/1.1 403 Only the registry is reachable\r\n\r\n");
      return;
    }
    const upstream = connect(Number(port), host, () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    bridge(client, upstream);
  });
  return server;
}

/** Passes what one end says to the other, until either is done. */
function bridge(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ]) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
