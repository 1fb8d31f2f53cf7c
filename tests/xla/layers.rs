use cost_models::cost;

/// A layer of Llama: grouped queries, a gated network.
#[cost(t = s)]
pub fn Llama<b, s, t, d, n, g, k, f>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    wo: Weight<n, g, k, d>,
    gate: Weight<d, f>,
    up: Weight<d, f>,
    down: Weight<f, d>,
) -> Act<b, s, d> {
    let h = rms_norm::<d>(x);
    let keys = rename::<s, t>(dot::<d>(h, wk));
    let values = rename::<s, t>(dot::<d>(h, wv));
    let o = dot::<t>(softmax::<t>(dot::<k>(dot::<d>(h, wq), keys)), values);
    let y = x + dot::<(n, g, k)>(o, wo);
    let h2 = rms_norm::<d>(y);
    y + dot::<f>(silu(dot::<d>(h2, gate)) * dot::<d>(h2, up), down)
}

/// A layer of GPT: a head for each query, a plain network.
#[cost(t = s)]
pub fn Gpt<b, s, t, d, n, k, f>(
    x: Act<b, s, d>,
    wq: Weight<d, n, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    wo: Weight<n, k, d>,
    up: Weight<d, f>,
    down: Weight<f, d>,
) -> Act<b, s, d> {
    let h = layer_norm::<d>(x);
    let keys = rename::<s, t>(dot::<d>(h, wk));
    let values = rename::<s, t>(dot::<d>(h, wv));
    let o = dot::<t>(softmax::<t>(dot::<k>(dot::<d>(h, wq), keys)), values);
    let y = x + dot::<(n, k)>(o, wo);
    y + dot::<f>(gelu(dot::<d>(layer_norm::<d>(y), up)), down)
}

/// Latent attention, plain: keys and values come of a narrow row.
#[cost(t = s)]
pub fn Latent<b, s, t, d, r, h, k>(
    x: Act<b, s, d>,
    wq: Weight<d, h, k>,
    wr: Weight<d, r>,
    wk: Weight<r, h, k>,
    wv: Weight<r, h, k>,
    wo: Weight<h, k, d>,
) -> Act<b, s, d> {
    let y = rms_norm::<d>(x);
    let latent = rename::<s, t>(rms_norm::<r>(dot::<d>(y, wr)));
    let keys = dot::<r>(latent, wk);
    let values = dot::<r>(latent, wv);
    let o = dot::<t>(softmax::<t>(dot::<k>(dot::<d>(y, wq), keys)), values);
    x + dot::<(h, k)>(o, wo)
}

/// The channels of a Mamba layer without its scan, which runs channel by channel: gates, a short sum, steps from all channels.
#[cost]
pub fn Mamba<b, s, d, c, r>(
    x: Act<b, s, d>,
    wx: Weight<d, c>,
    wz: Weight<d, c>,
    low: Weight<c, r>,
    step: Weight<r, c>,
    out: Weight<c, d>,
) -> Act<b, s, d> {
    let y = rms_norm::<d>(x);
    let channels = silu(dot::<d>(y, wx));
    let steps = softplus(dot::<r>(dot::<c>(channels, low), step));
    x + dot::<c>(channels * steps * silu(dot::<d>(y, wz)), out)
}

/// A network that is one of many experts.
#[cost]
pub fn Network<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(silu(dot::<d>(x, up)), down)
}

/// A mixture of experts.
#[cost]
pub fn Mixture<b, s, d, f, e, top>(x: Act<b, s, d>, router: Weight<d, e>) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(x, router));
    x + experts::<e, top>(Network { b, s, d, f }(x), gates)
}
