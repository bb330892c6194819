"""timm's own models at widths of a few channels, for images 3×32×32."""
from functools import partial

import timm
from timm.models import convmixer, convnext, metaformer, mlp_mixer, nest, nfnet

CLASSES = 5
TIMM = {}


def net(name):
    def enter(make):
        TIMM[f"timm-{name}"] = make
        return make

    return enter


def model(name, architecture, **options):
    net(name)(partial(timm.create_model, architecture, num_classes=CLASSES, **options))


tokens = {"img_size": 32, "patch_size": 8, "embed_dim": 16, "num_heads": 2}
model("resnet", "resnet18", layers=(1, 1, 1, 1), channels=(8, 8, 12, 16))
model("resnet-blur", "resnetblur18", layers=(1, 1, 1, 1), channels=(8, 8, 8, 12))
model("vit", "vit_tiny_patch16_224", depth=2, **tokens)
model("vit-layer-scale", "deit3_small_patch16_224", depth=1, **tokens)
model("vit-relative", "vit_relpos_small_patch16_224", depth=2, **tokens)
model("vit-registers", "test_vit4", depth=1, **tokens)
model("beit", "beit_base_patch16_224", depth=2, **tokens)
model("cait", "cait_xxs24_224", depth=1, **tokens)
model("eva", "eva02_tiny_patch14_224", depth=1, **tokens)
model("xcit", "xcit_nano_12_p8_224", embed_dim=16, depth=1, num_heads=2, cls_attn_layers=1)
model(
    "swin", "swin_tiny_patch4_window7_224",
    img_size=32, patch_size=4, window_size=4, embed_dim=12, depths=(2, 1), num_heads=(2, 3),
)
model("edgenext", "edgenext_xx_small", depths=(1, 1, 1, 1), dims=(8, 12, 16, 24), heads=(2, 2, 2, 2))
model("efficientnet-gn", "test_efficientnet_gn", channel_multiplier=0.25)
model("pit", "pit_ti_224", img_size=32, patch_size=8, stride=8, base_dims=(8, 8), depth=(1, 1), heads=(2, 2), mlp_ratio=2)
model("pvt", "pvt_v2_b0", depths=(1,) * 4, embed_dims=(8, 8, 12, 16), num_heads=(1, 1, 2, 2), mlp_ratios=(2,) * 4)
model(
    "twins", "twins_svt_small", img_size=32, patch_size=4, embed_dims=(8, 16), num_heads=(2, 2), depths=(1, 1),
    mlp_ratios=(2, 2), sr_ratios=(2, 1), wss=(4, 4),
)
model("davit", "davit_tiny", depths=(1, 1), embed_dims=(8, 16), num_heads=(2, 2), window_size=4)
model("repvit", "repvit_m0_9", embed_dim=(8, 16), depth=(1, 1))
model(
    "crossvit", "crossvit_9_240", img_size=32, embed_dim=(8, 16), depth=((1, 1, 0),), num_heads=(2, 2),
    mlp_ratio=(2, 2, 1), patch_size=(8, 16), img_scale=(1.0, 1.0),
)
model("tnt", "tnt_s_patch16_224", img_size=32, embed_dim=16, inner_dim=8, depth=1, num_heads_inner=2, num_heads_outer=2)
model("starnet", "starnet_s1", base_dim=8, depths=(1, 1))
model("mambaout", "test_mambaout", depths=(1, 1, 1), dims=(8, 12, 16))
model("visformer", "visformer_tiny", img_size=32, init_channels=8, embed_dim=16, depth=(1, 1, 1), num_heads=2, mlp_ratio=2)

mixer = partial(mlp_mixer.MlpMixer, CLASSES, 32, patch_size=8, num_blocks=2, embed_dim=16)
net("mixer")(partial(mixer, mlp_ratio=(0.5, 2.0)))
net("gmlp")(partial(mixer, mlp_ratio=2, block_layer=mlp_mixer.SpatialGatingBlock, mlp_layer=mlp_mixer.GatedMlp))
net("resmlp")(partial(mixer, mlp_ratio=2, block_layer=mlp_mixer.ResBlock, norm_layer=mlp_mixer.Affine))
net("convmixer")(partial(convmixer.ConvMixer, 16, 2, 3, 4, num_classes=CLASSES))
stages = {"num_classes": CLASSES, "depths": (1, 1, 1, 1), "dims": (8, 12, 16, 24)}
net("convnext")(partial(convnext.ConvNeXt, **stages))
net("convnext-v2")(partial(convnext.ConvNeXt, use_grn=True, ls_init_value=None, **stages))
net("poolformer")(partial(metaformer.MetaFormer, token_mixers=metaformer.Pooling, **stages))
net("nest")(
    partial(
        nest.Nest, 32, patch_size=4, num_levels=2, embed_dims=(8, 16), num_heads=(2, 2), depths=(1, 1), num_classes=CLASSES
    )
)


@net("nfnet")
def timm_nfnet():
    """Weights standardised by F.batch_norm."""
    config = nfnet.NfCfg(
        (1, 1), (16, 24), stem_chs=8, group_size=8, attn_layer="se", attn_kwargs={"rd_ratio": 0.5}, skipinit=True
    )
    return nfnet.NormFreeNet(config, CLASSES)
