/** timm's `config.json` (of its models on Hugging Face's hub, or `json.dump` of a model's `pretrained_cfg`). */
import { z } from "zod";
import { UsageError, interpolations } from "../tensor/index.ts";
import type { BesideFacts } from "./beside-facts.ts";
import { statedKernel } from "./stated-kernel.ts";

const sides = z.array(z.int().positive()).min(2).max(3);
const triple = z.array(z.number()).min(1);

/** Members of a pretrained_cfg that say something of images or classes. */
const cfg = z.looseObject({
  mean: triple.nullish(),
  std: triple.nullish(),
  input_size: sides.nullish(),
  interpolation: z.string().nullish(),
  crop_pct: z.number().positive().nullish(),
  crop_mode: z.string().nullish(),
  num_classes: z.int().nonnegative().nullish(),
  label_names: z.array(z.string()).nullish(),
});

const file = cfg.extend({ pretrained_cfg: cfg.nullish() });

/** Whether a JSON file is one of timm's: it has a pretrained_cfg, or (older) its members themselves. */
export const isTimmConfig = (json: unknown): boolean =>
  typeof json === "object" &&
  json !== null &&
  ("pretrained_cfg" in json || ("mean" in json && "std" in json && "input_size" in json));

/** @throws UsageError for members of other types than they have, or that contradict each other */
export function timmFacts(json: unknown, source: string): BesideFacts {
  const result = file.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0];
    throw new UsageError(
      `${source}: ${path.map(String).join(".")}: ${message}. Mend it, or move it away from the model.`,
    );
  }
  const { pretrained_cfg: nested, ...outer } = result.data;
  const said = { ...outer, ...nested };
  const names = outer.label_names ?? nested?.label_names;
  // The outer count is of the model as it is; the inner one of what it was trained on first.
  const count = outer.num_classes ?? nested?.num_classes;
  const isComplete = names != null && (count == null || names.length === count);
  const { mean, std } = said;
  if ((mean == null) !== (std == null)) {
    throw new UsageError(
      `${source} gives ${mean ? "mean" : "std"} without the other; mean and std go together.`,
    );
  }
  if (mean && std && (mean.length !== std.length || std.some((s) => s <= 0))) {
    throw new UsageError(
      `${source} gives mean ${mean.join(", ")} and std ${std.join(", ")}; as many are needed, and stds above 0.`,
    );
  }
  const arranged = arrangement(said, source);
  return {
    ...(isComplete && { classNames: names }),
    ...(mean && std && { normalization: { mean, std } }),
    ...(arranged.pictures && { pictures: arranged.pictures }),
    source,
    notes: [
      ...(names != null && !isComplete
        ? [`${source} names ${names.length} classes and counts ${count}; the names are not used.`]
        : []),
      ...(arranged.note === undefined ? [] : [arranged.note]),
    ],
  };
}

/** How timm brings images to their size when it tests: a rule that is done here, or a note of one that is not. */
function arrangement(
  { input_size, interpolation, crop_pct, crop_mode }: z.infer<typeof cfg>,
  source: string,
): Pick<BesideFacts, "pictures"> & { note?: string } {
  if (!input_size) return {};
  const [height, width] = input_size.slice(-2);
  const known = interpolations.find((name) => name === interpolation);
  const { kernel, kernelNote: note } = statedKernel(interpolation, known, source);
  // timm's own default.
  const share = crop_pct ?? 0.875;
  if (crop_mode !== "squash" && crop_mode !== "border" && share <= 1)
    return { pictures: { resize: "crop", cropShare: share, ...kernel, size: [height, width] }, note };
  if (share === 1) {
    const resize = crop_mode === "squash" ? "stretch" : "pad";
    return { pictures: { resize, ...kernel, size: [height, width] }, note };
  }
  const size = height === width ? String(height) : `${height}x${width}`;
  return {
    note:
      `By ${source} images were resized by crop_mode ${crop_mode} to ${Math.floor(height / share)}×${Math.floor(width / share)}, then cut to ` +
      `the central ${height}×${width}, which is not done here: they come to the data's imageSize (--image-size ${size}) as its resize says ` +
      `(--resize). Scores may differ from the original's for it.`,
  };
}
