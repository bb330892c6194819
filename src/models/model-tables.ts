import { cifarCnnOptions } from "./cifar-cnn.ts";
import { cifarLenetOptions, lenetOptions } from "./lenet.ts";
import { mobileNetOptions } from "./mobile-net.ts";
import { resnet18Options } from "./resnet18.ts";
import { vggOptions } from "./vgg.ts";

/** The options of each of our classifiers, by the name of its maker. */
export const modelTables = {
  lenet: lenetOptions,
  cifarLenet: cifarLenetOptions,
  resnet18: resnet18Options,
  cifarCnn: cifarCnnOptions,
  vgg: vggOptions,
  mobileNet: mobileNetOptions,
};
