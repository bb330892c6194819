export { type ImageGroup, type ImageGroups, imageGroups } from "./image-groups.ts";
