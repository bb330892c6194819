/** A headless Chromium that talks to this machine only. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian's package puts it, unless the environment says where else it is. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why there is no browser to test in, or null where there is one. */
export const noChromium = existsSync(CHROMIUM)
  ? null
  : `no Chromium at ${CHROMIUM}; on Debian: apt-get install chromium, else set CHROMIUM to its path`;

/** @param options.webgpu  false for a browser that offers no WebGPU */
export const launchChromium = ({ webgpu = true } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
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
