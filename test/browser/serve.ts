import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

/** What is served at a path, made when it is asked for. */
export type Routes = (path: string) => Promise<Uint8Array | string> | null;

export interface Served {
  /** Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Serves `routes` on a free port of this machine, in the isolation that a page needs for threads. */
export async function serve(routes: Routes): Promise<Served> {
  const listener: RequestListener = (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    void Promise.resolve(routes(pathname)).then(
      (body) => {
        response.writeHead(body === null ? 404 : 200, {
          "Content-Type": types[extname(pathname)] ?? "application/octet-stream",
          "Cross-Origin-Opener-Policy": "same-origin",
          "Cross-Origin-Embedder-Policy": "require-corp",
        });
        response.end(body ?? `Nothing is served at ${pathname}.`);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
