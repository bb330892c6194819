/** What lies at an address. */
import { checkLimit } from "../../options/index.ts";
import { DataError } from "../errors.ts";

/** An address for a message: those with data in them are long. */
export const shortened = (address: string): string =>
  address.length > 100 ? `${address.slice(0, 60)}…` : address;

/** Fetches once, when it is asked. @throws DataError that names the address */
export function bytesAt(address: string): () => Promise<Uint8Array> {
  let fetched: Promise<Uint8Array> | undefined;
  return () => (fetched ??= fetchBytes(address));
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  const response = await fetch(address).catch((cause: Error) => {
    throw new DataError(
      `${shortened(address)} cannot be fetched: ${cause.message}. Is the server there, and does it allow this page ` +
        `(Access-Control-Allow-Origin)?`,
      { cause },
    );
  });
  return responseBytes(response, shortened(address));
}

/** @throws DataError for an answer that says there is no such thing, LimitError */
export async function responseBytes(response: Response, name: string): Promise<Uint8Array> {
  if (!response.ok) {
    throw new DataError(
      `${name} cannot be fetched: the server answers ${response.status} ${response.statusText}.`,
    );
  }
  checkLimit("fileBytes", Number(response.headers.get("content-length") ?? 0), name);
  return new Uint8Array(await response.arrayBuffer());
}
