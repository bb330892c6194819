export { type InsideFile, fileInside, homesOf } from "./inside-folder.ts";
export { checkRegular, readRegular } from "./read-regular.ts";
