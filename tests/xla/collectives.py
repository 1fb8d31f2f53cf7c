"""What XLA's partitioner makes devices exchange, beside what `cost` derives, for the layers of layers.rs.

    python -m venv venv && venv/bin/pip install jax
    venv/bin/python tests/xla/collectives.py target/debug/cost > tests/xla/collectives.md

Eight devices are forced on the CPU. Each layer is compiled with shardings of its parameters and its result alone; what XLA
exchanges is read from the compiled text. Numbers are those that each device sends at least, counted in elements: an all-reduce of S
sends S (a switch adds), an all-gather and a reduce-scatter of S in all 7/8 of S, an all-to-all 7/8 of what a device has.
"""

import json
import os
import re
import subprocess
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
from jax.sharding import Mesh, NamedSharding, PartitionSpec

B, S, D, N, G, K, F, R, C, E, TOP = 8, 64, 256, 8, 2, 32, 512, 64, 512, 16, 2
MESH = Mesh(jax.devices(), ("x",))


def rms(x):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-6)


def layer_norm(x):
    centred = x - jnp.mean(x, -1, keepdims=True)
    return centred * jax.lax.rsqrt(jnp.mean(centred * centred, -1, keepdims=True) + 1e-6)


def llama(x, wq, wk, wv, wo, gate, up, down):
    h = rms(x)
    q, k, v = jnp.einsum("bsd,dngk->bsngk", h, wq), jnp.einsum("bsd,dnk->bsnk", h, wk), jnp.einsum("bsd,dnk->bsnk", h, wv)
    o = jnp.einsum("bsngt,btnk->bsngk", jax.nn.softmax(jnp.einsum("bsngk,btnk->bsngt", q, k), -1), v)
    y = x + jnp.einsum("bsngk,ngkd->bsd", o, wo)
    h = rms(y)
    return y + (jax.nn.silu(h @ gate) * (h @ up)) @ down


def gpt(x, wq, wk, wv, wo, up, down):
    h = layer_norm(x)
    q, k, v = (jnp.einsum("bsd,dnk->bsnk", h, w) for w in (wq, wk, wv))
    o = jnp.einsum("bsnt,btnk->bsnk", jax.nn.softmax(jnp.einsum("bsnk,btnk->bsnt", q, k), -1), v)
    y = x + jnp.einsum("bsnk,nkd->bsd", o, wo)
    return y + jax.nn.gelu(layer_norm(y) @ up) @ down


def latent(x, wq, wr, wk, wv, wo):
    y = rms(x)
    c = rms(y @ wr)
    q, k, v = jnp.einsum("bsd,dhk->bshk", y, wq), jnp.einsum("btr,rhk->bthk", c, wk), jnp.einsum("btr,rhk->bthk", c, wv)
    o = jnp.einsum("bsht,bthk->bshk", jax.nn.softmax(jnp.einsum("bshk,bthk->bsht", q, k), -1), v)
    return x + jnp.einsum("bshk,hkd->bsd", o, wo)


def mamba(x, wx, wz, low, step, out):
    y = rms(x)
    channels = jax.nn.silu(y @ wx)
    steps = jax.nn.softplus((channels @ low) @ step)
    return x + (channels * steps * jax.nn.silu(y @ wz)) @ out


def mixture(x, router, up, down):
    """GShard's form: each sequence is a group, whose tokens go to places of experts by products with masks of zeros and ones."""
    gates = jax.nn.softmax(x @ router, -1)
    room = 2 * S * TOP // E
    value, chosen = jax.lax.top_k(gates, TOP)
    mask = jax.nn.one_hot(chosen, E)
    place = jnp.cumsum(mask.reshape(B, S * TOP, E), 1).reshape(B, S, TOP, E) * mask - 1
    send = jnp.einsum("bsje,bsjec->bsec", mask, jax.nn.one_hot(place, room))
    weigh = jnp.einsum("bsj,bsje,bsjec->bsec", value, mask, jax.nn.one_hot(place, room))
    inputs = jnp.einsum("bsec,bsd->ebcd", send, x)
    h = jax.nn.silu(jnp.einsum("ebcd,edf->ebcf", inputs, up))
    return x + jnp.einsum("ebcd,bsec->bsd", jnp.einsum("ebcf,efd->ebcd", h, down), weigh)


def shapes(names):
    size = dict(b=B, s=S, d=D, n=N, g=G, k=K, f=F, r=R, c=C, e=E, h=N)
    return [tuple(size[axis] for axis in name) for name in names]


LAYERS = {
    "Llama": (llama, ["bsd", "dngk", "dnk", "dnk", "ngkd", "df", "df", "fd"], dict(b=B, s=S, d=D, n=N, g=G, k=K, f=F)),
    "Gpt": (gpt, ["bsd", "dnk", "dnk", "dnk", "nkd", "df", "fd"], dict(b=B, s=S, d=D, n=N, k=K, f=F)),
    "Mixture": (mixture, ["bsd", "de", "edf", "efd"], dict(b=B, s=S, d=D, f=F, e=E, top=TOP)),
    "Latent": (latent, ["bsd", "dhk", "dr", "rhk", "rhk", "hkd"], dict(b=B, s=S, d=D, r=R, h=N, k=K)),
    "Mamba": (mamba, ["bsd", "dc", "dc", "cr", "rc", "cd"], dict(b=B, s=S, d=D, c=C, r=R)),
}

# Which axes are cut, by the layer and the way in which it is cut. What is cut of the input is cut of the result, too.
CUTS = {
    "tensor": dict(Llama="nf", Gpt="nf", Mixture="f", Latent="h", Mamba="c"),
    "sequence": dict(Llama="s", Gpt="s", Mixture="s", Latent="s", Mamba="s"),
    "data": dict(Llama="b", Gpt="b", Mixture="b", Latent="b", Mamba="b"),
    "expert": dict(Mixture="e"),
    "data and expert": dict(Mixture="be"),
}

COLLECTIVE = re.compile(r"= (.*?) (all-reduce|all-gather|reduce-scatter|all-to-all|collective-permute)(?:-start)?\(")
ARRAY = re.compile(r"[a-z]+\d+\[([\d,]*)\]")


def spec(name, axes):
    """The first axis of a parameter that is cut; of the router, whose scores are of all experts, none."""
    if name == "de":
        return PartitionSpec()
    found = next((i for i, axis in enumerate(name) if axis in axes), None)
    return PartitionSpec(*("x" if i == found else None for i in range(len(name))))


def of_xla(layer, axes):
    function, names, _ = LAYERS[layer]
    given = [
        jax.ShapeDtypeStruct(shape, jnp.float32, sharding=NamedSharding(MESH, spec(name, axes)))
        for name, shape in zip(names, shapes(names))
    ]
    out = NamedSharding(MESH, spec("bsd", axes))
    text = jax.jit(function, out_shardings=out).lower(*given).compile().as_text()
    found = []
    for result, kind in COLLECTIVE.findall(text):
        arrays = [[int(size) for size in sizes.split(",") if size] for sizes in ARRAY.findall(result)]
        elements = sum(int(jnp.prod(jnp.array(sizes))) if sizes else 1 for sizes in arrays)
        sent = {"all-reduce": elements, "all-gather": elements * 7 // 8, "reduce-scatter": elements * 7}
        found.append((kind, sent.get(kind, elements * 7 // 8 if kind == "all-to-all" else elements)))
    return found


def of_cost(binary, layer, axes):
    sizes = ",".join(f"{axis}={size}" for axis, size in LAYERS[layer][2].items())
    where = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.rs")
    shard = ",".join(f"{axis}=x" for axis in axes)
    cut = [] if set(axes).isdisjoint("bs") else ["--leave-cut"]
    command = [binary, "report", f"{where}::{layer}", "--at", sizes, "--mesh", "x=8", "--shard", shard, "--json", *cut]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)}: {run.stderr}")
    found = []
    for it in json.loads(run.stdout)["collectives"]:
        # Statistics of normalisations are in single precision, all else in two bytes.
        size = 4 if "whole rows" in it["reason"] else 2
        found += [(it["kind"].replace("_", "-"), round(it["link_bytes"] / size))] * it["repeat"]
    return found


def counted(found):
    kinds = [kind for kind, _ in found]
    each = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return ", ".join(each) or "none", sum(sent for _, sent in found)


def main():
    print("# XLA beside what is derived\n")
    print(f"Made by `collectives.py` with jax {jax.__version__}, eight devices forced on a CPU; sizes b = {B}, s = {S}, d = {D},")
    print(f"n = h = {N}, g = {G}, k = {K}, f = {F}, r = {R}, c = {C}, {E} experts of which a token uses {TOP}. Numbers are elements")
    print("that each device sends.\n")
    print("| layer | cut | XLA | sends | derived | sends |\n|---|---|---|---:|---|---:|")
    worse = []
    for way, layers in CUTS.items():
        for layer, axes in layers.items():
            (theirs, sent), (ours, own) = counted(of_xla(layer, axes)), counted(of_cost(sys.argv[1], layer, axes))
            print(f"| {layer} | {way} | {theirs} | {sent:,} | {ours} | {own:,} |")
            if own > sent:
                worse.append(f"{layer}, {way}")
    print("\nMore than XLA's: " + ("; ".join(worse) if worse else "nowhere") + ".")


main()
