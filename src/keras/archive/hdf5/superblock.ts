import { ModelError } from "../../../onnx/index.ts";
import { type FileBytes, damaged } from "./file-bytes.ts";

export const hdf5Signature = "\x89HDF\r\n\x1a\n";

/**
 * The first structure of an HDF5 file (specification 3.0, section II.A; versions 0 to 3).
 *
 * @returns the address of the root group's object header
 * @throws ModelError for files of several parts, of other address sizes, or cut off
 */
export function rootAddress(file: FileBytes): number {
  const version = file.u8(8);
  if (version > 3) throw new ModelError(`its superblock has version ${version}; versions 0 to 3 are known`);
  const isOld = version < 2;
  // Version 1 has four bytes more before its addresses.
  const addresses = isOld ? 24 + 4 * version : 12;
  file.structure(0, isOld ? addresses + 72 : 48, hdf5Signature);
  const sizes = isOld ? 13 : 9;
  if (file.u8(sizes) !== 8 || file.u8(sizes + 1) !== 8) {
    throw new ModelError(`its addresses have ${file.u8(sizes)} bytes; 8 are known`);
  }
  if (file.u64(addresses) !== 0) throw new ModelError(`it begins with a block of other data (a user block)`);
  const end = file.u64(addresses + 16);
  if (end > file.bytes.length) throw damaged(`it says ${end} bytes and has ${file.bytes.length}`);
  if (isOld && file.address(addresses + 24) !== undefined) {
    throw new ModelError(`it is one part of a file of several (a driver block)`);
  }
  // The root group: in the old form a symbol table entry, whose second field is the address.
  const root = file.address(addresses + (isOld ? 40 : 24));
  if (root === undefined) throw damaged("it has no root group");
  return root;
}
