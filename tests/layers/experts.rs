//! Parameters that only some tokens use, or that are added to others: experts, adapters, tables by layer.

use cost_models::cost;
use cost_models::ops::SwiGlu;

/// DeepSeekMoE (arXiv:2401.06066): each token through `top` of `e` narrow experts of width `f`, weighed by a softmax of its
/// affinities, and through all of the `shared` ones.
#[cost]
pub fn DeepSeekMoe<b, s, d, f, e, top, shared>(x: Act<b, s, d>, centroids: Weight<d, e>) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(x, centroids));
    let y = x + experts::<e, top>(SwiGlu { b, s, d, f }(x), gates);
    for _ in 0..shared {
        y = y + SwiGlu { b, s, d, f }(x);
    }
    y
}

/// One expert with biases: a gated network of width `f`.
#[cost]
pub fn BiasedExpert<b, s, d, f>(
    x: Act<b, s, d>,
    gate: Weight<d, f>,
    gate_bias: Weight<f>,
    up: Weight<d, f>,
    up_bias: Weight<f>,
    down: Weight<f, d>,
    down_bias: Weight<d>,
) -> Act<b, s, d> {
    let h = silu(dot::<d>(x, gate) + gate_bias) * (dot::<d>(x, up) + up_bias);
    dot::<f>(h, down) + down_bias
}

/// Experts with biases of their own (gpt-oss, arXiv:2508.10925): the router has one too, and the softmax is over the logits of
/// the `top` chosen ones.
#[cost]
pub fn BiasedMoe<b, s, d, f, e, top>(x: Act<b, s, d>, router: Weight<d, e>, router_bias: Weight<e>) -> Act<b, s, d> {
    let gates = softmax::<top>(top::<e, top>(dot::<d>(x, router) + router_bias));
    experts::<e, top>(BiasedExpert { b, s, d, f }(x), gates)
}

/// A feed-forward network with a ReLU (arXiv:1706.03762), without biases.
#[cost]
pub fn ReluNetwork<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(relu(dot::<d>(x, up)), down)
}

/// Switch layer (arXiv:2101.03961): each token through the one of `e` experts whose gate is largest.
#[cost(top = 1)]
pub fn Switch<b, s, d, f, e, top>(x: Act<b, s, d>, router: Weight<d, e>) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(x, router));
    experts::<e, top>(ReluNetwork { b, s, d, f }(x), gates)
}

/// The same with the capacity factor 1.25: each expert computes on a batch of `c` rows, whichever tokens are in them, and tokens
/// that come to it when there is no more room pass it by.
#[cost(top = 1, c = ceil(5 * b * s / (4 * e)))]
pub fn SwitchWithCapacity<b, s, d, f, e, top, c>(x: Act<b, s, d>, router: Weight<d, e>) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(x, router));
    experts::<e, top>(ReluNetwork { b, s, d, f }(x), gates, capacity = c)
}

/// GShard's layer (arXiv:2006.16668): two experts for each token, which have room for twice their share of the tokens.
#[cost(top = 2, c = ceil(2 * b * s / e))]
pub fn GShard<b, s, d, f, e, top, c>(x: Act<b, s, d>, router: Weight<d, e>) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(x, router));
    experts::<e, top>(ReluNetwork { b, s, d, f }(x), gates, capacity = c)
}

/// A feed-forward network with GELU (arXiv:1706.03762), without biases.
#[cost]
pub fn GeluNetwork<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(gelu(dot::<d>(x, up)), down)
}

/// Expert choice (arXiv:2202.09368): not tokens choose experts, but each of `e` experts the `c` tokens that weigh most with it; a
/// token may be in all of them, or in none. The experts' matrices are one tensor each.
#[cost(most = e)]
pub fn ExpertChoice<b, s, d, f, e, most, c>(
    x: Act<b, s, d>,
    router: Weight<d, e>,
    up: Weight<e, d, f>,
    down: Weight<e, f, d>,
) -> Act<b, s, d> {
    let affinities = softmax::<e>(dot::<d>(x, router));
    experts::<e, most>(GeluNetwork { b, s, d, f }(x, up, down), affinities, capacity = c)
}

/// Experts with biases whose tensors hold all experts' one after the other, as gpt-oss's are stored (arXiv:2508.10925).
#[cost]
pub fn StackedMoe<b, s, d, f, e, top>(
    x: Act<b, s, d>,
    router: Weight<d, e>,
    router_bias: Weight<e>,
    gate: Weight<e, d, f>,
    gate_bias: Weight<e, f>,
    up: Weight<e, d, f>,
    up_bias: Weight<e, f>,
    down: Weight<e, f, d>,
    down_bias: Weight<e, d>,
) -> Act<b, s, d> {
    let gates = softmax::<top>(top::<e, top>(dot::<d>(x, router) + router_bias));
    experts::<e, top>(BiasedExpert { b, s, d, f }(x, gate, gate_bias, up, up_bias, down, down_bias), gates)
}

/// Soft mixture of experts (arXiv:2308.00951): each of `e` experts of width `f` sees `p` slots, which are weighed sums of all
/// `s` tokens, and each token takes a weighed sum of what came of all slots.
#[cost]
pub fn SoftMoe<b, s, d, e, p, f>(
    x: Act<b, s, d>,
    phi: Weight<d, e, p>,
    up: Weight<e, d, f>,
    down: Weight<e, f, d>,
) -> Act<b, s, d> {
    let logits = dot::<d>(x, phi);
    let slots = store(dot::<s>(softmax::<s>(logits), x));
    let y = store(dot::<f>(gelu(dot::<d>(slots, up)), down));
    dot::<(e, p)>(softmax::<(e, p)>(logits), y)
}

/// Mixture of depths (arXiv:2404.02258), its network: of `s` tokens the `c` that a router weighs most go through it and are
/// changed by what it gives times their weight, the others pass it by.
#[cost]
pub fn MixtureOfDepths<b, s, c, d, f>(x: Act<b, s, d>, router: Weight<d>) -> Act<b, s, d> {
    let chosen = top::<s, c>(dot::<d>(x, router));
    let rows = take::<s, c>(x, chosen);
    let weighed = SwiGlu { b, s: c, d, f }(rows) * chosen;
    put::<s, c>(x, rows + weighed, chosen)
}

/// LoRA (arXiv:2106.09685): a projection from width `d` to `f` and an update of rank `r` beside it.
#[cost]
pub fn LoraLinear<b, s, d, f, r>(
    x: Act<b, s, d>,
    w: Weight<d, f>,
    down: Weight<d, r>,
    up: Weight<r, f>,
) -> Act<b, s, f> {
    dot::<d>(x, w) + dot::<r>(scale(dot::<d>(x, down)), up)
}

/// Per-layer embedding (Gemma 3n, 2025): what a layer's own table of width `p` has for the token, joined with a projection of
/// the token's embedding, is gated by the hidden state and added to it.
#[cost]
pub fn PerLayerEmbedding<b, s, d, p, v>(
    x: Act<b, s, d>,
    embedded: Act<b, s, d>,
    ids: Ids<b, s>,
    table: Weight<v, p>,
    project: Weight<d, p>,
    project_norm: Weight<p>,
    gate: Weight<d, p>,
    up: Weight<p, d>,
    norm: Weight<d>,
) -> Act<b, s, d> {
    let projected = rms_norm::<p>(scale(dot::<d>(embedded, project))) * project_norm;
    let own = scale(projected + scale(gather::<v>(table, ids)));
    let gated = gelu_tanh(dot::<d>(x, gate)) * own;
    x + rms_norm::<d>(dot::<p>(gated, up)) * norm
}

/// `l` layers' per-layer embeddings, with as many tables.
#[cost]
pub fn PerLayerEmbeddings<b, s, d, p, v, l>(embedded: Act<b, s, d>, ids: Ids<b, s>) -> Act<b, s, d> {
    let x = embedded;
    for _ in 0..l {
        x = PerLayerEmbedding { b, s, d, p, v }(x, embedded, ids);
    }
    x
}
