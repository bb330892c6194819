import { defineMethod } from "../define-method.ts";

/**
 * CE(f(x), y) + λ·JS(f(x), f(mix(x)), f(mix′(x))), with λ 12: the mixtures have no cross-entropy of their own.
 *
 * Source: Hendrycks, Mu, Cubuk, Zoph, Gilmer & Lakshminarayanan, AugMix, ICLR 2020.
 */
export const augmix = defineMethod({ name: "augmix", title: "AugMix", views: "mixes" });
