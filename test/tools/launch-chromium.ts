import { type Browser, chromium } from "playwright-core";

export interface LaunchOptions {
  /** False for a browser that offers no WebGPU. */
  readonly webgpu?: boolean;
}

export const launch = (executablePath: string, { webgpu = true }: LaunchOptions = {}): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      // Root's Chromium has no sandbox, and pages come from this machine alone.
      "--no-sandbox",
      "--no-first-run",
      "--disable-quic",
      "--disable-sync",
      "--disable-background-networking",
      "--disable-component-update",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      // Without a graphics card there is the software adapter that Chromium brings along, which it holds back else.
      webgpu ? "--enable-unsafe-webgpu" : "--disable-features=WebGPU",
    ],
  });
