"""The BLAS that PyTorch runs on, and whether its figures would be fair. Import it before torch."""
import ctypes
import os

# These make OpenBLAS choose kernels for another processor; a peer should run as installed. Unset before it is loaded.
IGNORED = [name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if os.environ.pop(name, None) is not None]
# An OpenBLAS older than the processor falls back to SSE kernels; the benchmark then names kernels that are fair to it.
if core := os.environ.get("PEER_OPENBLAS_CORE"):
    os.environ["OPENBLAS_CORETYPE"] = core

import torch  # noqa: E402

# OpenBLAS's names for the kernel sets that use AVX2 or more.
AVX2_CORES = {"Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "Sapphirerapids", "SapphireRapids"}


def blas_in_use():
    """
    The BLAS libraries mapped into this process, the kernels OpenBLAS picked, and why the figures would be unfair if so.

    The reference BLAS, and OpenBLAS on a processor it does not know (it falls back to SSE kernels), are several times slower
    than what the processor can do: a figure taken with either says little about PyTorch.
    """
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    with open("/proc/self/maps", encoding="utf-8") as maps:
        mapped = {line.split()[-1] for line in maps if "/" in line}
    paths = sorted(p for p in mapped if "blas" in os.path.basename(p).lower() or "mkl_" in os.path.basename(p))
    built_with_mkl = "BLAS_INFO=mkl" in torch.__config__.show()
    core = next(filter(None, map(openblas_core, paths)), None)

    unfair = []
    if not built_with_mkl and not any("openblas" in p or "mkl_" in p or "blis" in p for p in paths):
        unfair.append("PyTorch runs on the reference BLAS; install OpenBLAS")
    if core is not None and core not in AVX2_CORES and "avx2" in processor_field("flags").split():
        unfair.append(f"OpenBLAS runs its {core} kernels on a processor with AVX2; it does not know this processor")
    return {
        "libraries": [os.path.basename(p) for p in paths],
        "builtWithMkl": built_with_mkl,
        "openblasCore": core,
        "unfair": unfair,
    }


def openblas_core(path):
    """The kernel set that the loaded library chose, or None if it is not OpenBLAS."""
    try:
        corename = ctypes.CDLL(path).openblas_get_corename
    except (AttributeError, OSError):
        return None
    corename.restype = ctypes.c_char_p
    return corename().decode()


def processor_field(name):
    """A field of the first processor in /proc/cpuinfo, or the empty string."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(name):
                return line.split(":", 1)[1].strip()
    return ""


