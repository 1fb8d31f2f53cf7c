//! Layers that keep a state of fixed size: convolutions, state spaces, and linear attention with decay and delta rules.

use cost_models::cost;
use cost_models::ops::RmsNorm;

/// Depthwise causal convolution of `w` taps with a SiLU, over `c` channels (arXiv:2312.00752); with biases where `bias` is 1.
#[cost]
pub fn CausalConv<b, s, c, w, bias>(
    x: Act<b, s, c>,
    taps: Weight<c, w>,
    shift: Weight<c>,
    recent: State<b, c, w>,
) -> Act<b, s, c> {
    let seen = slide::<s, w>(recent, x);
    update(recent, seen);
    let y = sum::<w>(seen * taps);
    if bias {
        y = y + shift;
    }
    silu(y)
}

/// Selective scan (Mamba, arXiv:2312.00752): `n` numbers of state for each of `c` channels, whose steps, inputs and outputs
/// depend on the token; steps through rank `r`.
#[cost]
pub fn SelectiveScan<b, s, c, n, r>(
    x: Act<b, s, c>,
    step_down: Weight<c, r>,
    step_up: Weight<r, c>,
    step_bias: Weight<c>,
    to_input: Weight<c, n>,
    to_output: Weight<c, n>,
    log_rate: Weight<c, n>,
    skip: Weight<c>,
    #[format(f32)] state: State<b, c, n>,
) -> Act<b, s, c> {
    let input = dot::<c>(x, to_input);
    let output = dot::<c>(x, to_output);
    let step = store(softplus(dot::<r>(dot::<c>(x, step_down), step_up) + step_bias));
    let decay = exp(step * -exp(log_rate));
    let after = before::<s>(state) * decay + (step * x) * input;
    update(state, after);
    dot::<n>(after, output) + x * skip
}

/// Mamba block (arXiv:2312.00752): the convolution and the scan on twice the width, gated, on a normalised input and added to
/// it.
#[cost(c = 2 * d, r = ceil(d / 16))]
pub fn Mamba<b, s, d, c, n, r, w>(
    x: Act<b, s, d>,
    to_x: Weight<d, c>,
    to_gate: Weight<d, c>,
    out: Weight<c, d>,
) -> Act<b, s, d> {
    let h = RmsNorm { b, s, d }(x);
    let gate = silu(dot::<d>(h, to_gate));
    let u = CausalConv { b, s, c, w, bias: 1 }(dot::<d>(h, to_x));
    let y = SelectiveScan { b, s, c, n, r }(u);
    x + dot::<c>(y * gate, out)
}

/// State space duality in the recurrent form (Mamba-2, arXiv:2405.21060): `h` heads of width `p` decay by a number each and
/// share the input and the output of `n` numbers.
#[cost]
pub fn StateSpaceDual<b, s, h, p, n>(
    x: Act<b, s, h, p>,
    step: Act<b, s, h>,
    input: Act<b, s, n>,
    output: Act<b, s, n>,
    step_bias: Weight<h>,
    log_rate: Weight<h>,
    skip: Weight<h>,
    #[format(f32)] state: State<b, h, p, n>,
) -> Act<b, s, h, p> {
    let step = softplus(step + step_bias);
    let decay = exp(step * -exp(log_rate));
    let after = before::<s>(state) * decay + (step * x) * input;
    update(state, after);
    dot::<n>(after, output) + x * skip
}

/// What a projection of RWKV-6 (arXiv:2404.05892) sees: the token moved towards the one before it, by as much as a network of
/// rank `r` says for each channel.
#[cost]
pub fn DynamicShift<b, s, d, r>(
    x: Act<b, s, d>,
    change: Act<b, s, d>,
    mixed: Act<b, s, d>,
    base: Weight<d>,
    down: Weight<d, r>,
    up: Weight<r, d>,
) -> Act<b, s, d> {
    x + change * (dot::<r>(tanh(dot::<d>(mixed, down)), up) + base)
}

/// The core of RWKV-6 (arXiv:2404.05892): `h` matrices of keys and values that decay key by key; the token itself counts by
/// a bonus.
#[cost]
pub fn Wkv6<b, s, h, k, v>(
    receptance: Act<b, s, h, k>,
    key: Act<b, s, h, k>,
    value: Act<b, s, h, v>,
    decay: Act<b, s, h, k>,
    bonus: Weight<h, k>,
    #[format(f32)] state: State<b, h, k, v>,
) -> Act<b, s, h, v> {
    let outer = key * value;
    let found = before::<s>(state);
    let read = dot::<k>(found + bonus * outer, receptance);
    update(state, found * decay + outer);
    read
}

/// Time mixing of RWKV-6 (Finch, arXiv:2404.05892): `h` heads of width `k`, token shifts of rank `r` and decays of rank `z`.
#[cost(d = h * k, v = k)]
pub fn Rwkv6TimeMix<b, s, d, h, k, v, r, z>(
    x: Act<b, s, d>,
    mix: Weight<d>,
    wr: Weight<d, h, k>,
    wk: Weight<d, h, k>,
    wv: Weight<d, h, v>,
    wg: Weight<d, h, v>,
    decay_down: Weight<d, z>,
    decay_up: Weight<z, h, k>,
    decay_base: Weight<h, k>,
    norm: Weight<h, v>,
    norm_shift: Weight<h, v>,
    wo: Weight<h, v, d>,
    last_x: State<b, d>,
) -> Act<b, s, d> {
    let change = before::<s>(last_x) - x;
    update(last_x, x);
    let mixed = x + change * mix;
    let r_in = DynamicShift { b, s, d, r }(x, change, mixed);
    let k_in = DynamicShift { b, s, d, r }(x, change, mixed);
    let v_in = DynamicShift { b, s, d, r }(x, change, mixed);
    let g_in = DynamicShift { b, s, d, r }(x, change, mixed);
    let w_in = DynamicShift { b, s, d, r }(x, change, mixed);
    let receptance = dot::<d>(r_in, wr);
    let key = dot::<d>(k_in, wk);
    let value = dot::<d>(v_in, wv);
    let gate = silu(dot::<d>(g_in, wg));
    let decay = exp(-exp(dot::<z>(tanh(dot::<d>(w_in, decay_down)), decay_up) + decay_base));
    let read = Wkv6 { b, s, h, k, v }(receptance, key, value, decay);
    dot::<(h, v)>((layer_norm::<v>(read) * norm + norm_shift) * gate, wo)
}

/// The core of RWKV-7 (arXiv:2503.14456): each head's matrix decays key by key, and what it holds under the removal key is
/// taken out in part before the token's value is put in.
#[cost]
pub fn Wkv7<b, s, h, k, v>(
    receptance: Act<b, s, h, k>,
    decay: Act<b, s, h, k>,
    key: Act<b, s, h, k>,
    value: Act<b, s, h, v>,
    removal: Act<b, s, h, k>,
    rate: Act<b, s, h, k>,
    #[format(f32)] state: State<b, h, k, v>,
) -> Act<b, s, h, v> {
    let found = before::<s>(state);
    let after = found * decay - dot::<k>(found, removal) * (removal * rate) + key * value;
    update(state, after);
    dot::<k>(after, receptance)
}

/// Time mixing of RWKV-7 (Goose, arXiv:2503.14456) after the first layer: `h` heads of width `k`; decays, rates, shares of the
/// first layer's values and gates through ranks `rw`, `ra`, `rv` and `rg`.
#[cost(d = h * k, v = k)]
pub fn Rwkv7TimeMix<b, s, d, h, k, v, rw, ra, rv, rg>(
    x: Act<b, s, d>,
    first_value: Act<b, s, h, v>,
    mix_r: Weight<d>,
    mix_w: Weight<d>,
    mix_k: Weight<d>,
    mix_v: Weight<d>,
    mix_a: Weight<d>,
    mix_g: Weight<d>,
    wr: Weight<d, h, k>,
    wk: Weight<d, h, k>,
    wv: Weight<d, h, v>,
    decay_down: Weight<d, rw>,
    decay_up: Weight<rw, h, k>,
    decay_base: Weight<h, k>,
    rate_down: Weight<d, ra>,
    rate_up: Weight<ra, h, k>,
    rate_base: Weight<h, k>,
    share_down: Weight<d, rv>,
    share_up: Weight<rv, h, v>,
    share_base: Weight<h, v>,
    gate_down: Weight<d, rg>,
    gate_up: Weight<rg, h, v>,
    removal_scale: Weight<h, k>,
    replacement: Weight<h, k>,
    bonus: Weight<h, k>,
    norm: Weight<h, v>,
    norm_shift: Weight<h, v>,
    wo: Weight<h, v, d>,
    last_x: State<b, d>,
) -> Act<b, s, d> {
    let change = before::<s>(last_x) - x;
    update(last_x, x);
    let v_in = x + change * mix_v;
    let receptance = dot::<d>(x + change * mix_r, wr);
    let decay_in = tanh(dot::<d>(x + change * mix_w, decay_down));
    let decay = exp(sigmoid(dot::<rw>(decay_in, decay_up) + decay_base) * -0.606531);
    let rate = sigmoid(dot::<ra>(dot::<d>(x + change * mix_a, rate_down), rate_up) + rate_base);
    let gate = dot::<rg>(sigmoid(dot::<d>(x + change * mix_g, gate_down)), gate_up);
    let own_key = dot::<d>(x + change * mix_k, wk);
    let removal = own_key * removal_scale;
    let removal = removal * rsqrt(sum::<k>(square(removal)));
    let key = own_key * ((rate - 1.0) * replacement + 1.0);
    let own_value = dot::<d>(v_in, wv);
    let share = sigmoid(dot::<rv>(dot::<d>(v_in, share_down), share_up) + share_base);
    let value = own_value + (first_value - own_value) * share;
    let read = Wkv7 { b, s, h, k, v }(receptance, decay, key, value, removal, rate);
    let own = sum::<k>(receptance * key * bonus) * value;
    dot::<(h, v)>((layer_norm::<v>(read) * norm + norm_shift + own) * gate, wo)
}

/// Gated linear attention by chunks (arXiv:2312.06635): `m` chunks of `i` tokens attend to themselves causally and to what the
/// chunks before have left in the state. `decay` is what is left at a position of what the chunk began with, `whole` that at
/// its end.
#[cost(causal(i, j), j = i)]
pub fn GatedLinearAttention<b, m, i, j, h, k, v>(
    q: Act<b, m, i, h, k>,
    key: Act<b, m, i, h, k>,
    value: Act<b, m, i, h, v>,
    decay: Act<b, m, i, h, k>,
    whole: Act<b, m, h, k>,
    #[format(f32)] state: State<b, h, k, v>,
) -> Act<b, m, i, h, v> {
    let q = q * decay;
    let key = key / decay;
    let within = dot::<j>(dot::<k>(q, rename::<i, j>(key)), rename::<i, j>(value));
    let found = before::<m>(state);
    let across = dot::<k>(q, found);
    update(state, found * whole + dot::<i>(key * whole, value));
    within + across
}

/// The core of Kimi delta attention (arXiv:2510.26692): the gated delta rule with a decay for each key.
#[cost]
pub fn KimiDeltaRule<b, s, h, k, v>(
    q: Act<b, s, h, k>,
    key: Act<b, s, h, k>,
    value: Act<b, s, h, v>,
    decay: Act<b, s, h, k>,
    rate: Act<b, s, h>,
    #[format(f32)] state: State<b, h, k, v>,
) -> Act<b, s, h, v> {
    let decayed = before::<s>(state) * decay;
    let after = decayed + key * ((value - dot::<k>(decayed, key)) * rate);
    update(state, after);
    dot::<k>(after, q)
}

/// Kimi delta attention (Kimi Linear, arXiv:2510.26692): queries, keys and values through convolutions of `w` taps, decays and
/// output gates through rank `k`, which is the width of `h` heads too.
#[cost(v = k, r = k)]
pub fn KimiDeltaAttention<b, s, d, h, k, v, r, w>(
    x: Act<b, s, d>,
    wq: Weight<d, h, k>,
    wk: Weight<d, h, k>,
    wv: Weight<d, h, v>,
    decay_down: Weight<d, r>,
    decay_up: Weight<r, h, k>,
    step_bias: Weight<h, k>,
    log_rate: Weight<h>,
    to_rate: Weight<d, h>,
    gate_down: Weight<d, r>,
    gate_up: Weight<r, h, v>,
    norm: Weight<v>,
    wo: Weight<h, v, d>,
) -> Act<b, s, d> {
    let gate = sigmoid(dot::<r>(dot::<d>(x, gate_down), gate_up));
    let step = softplus(dot::<r>(dot::<d>(x, decay_down), decay_up) + step_bias);
    let decay = exp(step * -exp(log_rate));
    let rate = sigmoid(dot::<d>(x, to_rate));
    let q = CausalConv { b, s, c: h * k, w, bias: 0 }(dot::<d>(x, wq));
    let key = CausalConv { b, s, c: h * k, w, bias: 0 }(dot::<d>(x, wk));
    let value = CausalConv { b, s, c: h * v, w, bias: 0 }(dot::<d>(x, wv));
    let q = scale(q * rsqrt(sum::<k>(square(q))));
    let key = key * rsqrt(sum::<k>(square(key)));
    let read = KimiDeltaRule { b, s, h, k, v }(q, key, value, decay, rate);
    dot::<(h, v)>(rms_norm::<v>(read) * norm * gate, wo)
}

/// The cell of mLSTM (xLSTM, arXiv:2405.04517): `h` matrix memories with exponential input gates, which are kept in range by
/// the largest exponent so far.
#[cost]
pub fn Mlstm<b, s, h, k, v>(
    q: Act<b, s, h, k>,
    key: Act<b, s, h, k>,
    value: Act<b, s, h, v>,
    input: Act<b, s, h>,
    forget: Act<b, s, h>,
    #[format(f32)] memory: State<b, h, k, v>,
    #[format(f32)] normaliser: State<b, h, k>,
    #[format(f32)] largest: State<b, h>,
) -> Act<b, s, h, v> {
    let kept = log(sigmoid(forget)) + before::<s>(largest);
    let most = maximum(kept, input);
    update(largest, most);
    let forget = exp(kept - most);
    let key = scale(key) * exp(input - most);
    let held = before::<s>(memory) * forget + key * value;
    update(memory, held);
    let norm = before::<s>(normaliser) * forget + key;
    update(normaliser, norm);
    dot::<k>(held, q) / maximum(abs(dot::<k>(norm, q)), exp(-most))
}
