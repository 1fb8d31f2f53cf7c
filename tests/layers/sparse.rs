//! Attention to blocks: of tokens that one key stands for, and of keys that each query chooses.

use cost_models::cost;

/// Compression of native sparse attention (arXiv:2502.11089): a network of width `r` makes one key of the `l` keys of a block,
/// each with its place added. Blocks begin every `a` tokens, and `u` of them end with the step's last ones. So for values.
#[cost(l = 2 * a, z = a * u + a)]
pub fn CompressBlocks<b, t, z, u, a, l, n, k, r>(
    raw: Cache<b, t, n, k>,
    place: Weight<l, k>,
    up: Weight<l, k, r>,
    down: Weight<r, k>,
) -> Act<b, u, n, k> {
    let blocks = windows::<z, l, u>(last::<t, z>(raw), stride = a);
    let hidden = gelu(dot::<(l, k)>(blocks + place, up));
    dot::<r>(hidden, down)
}

/// Compressed attention (arXiv:2502.11089): to `m` blocks of `l` tokens, as far as they have ended. It also returns what the
/// `g` queries of a group attend to together.
#[cost(causal(s, m, stride = a, width = l), m = (t - l) / a + 1)]
pub fn CompressedAttention<b, s, t, m, a, l, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, m, n, k>,
    values: Cache<b, m, n, k>,
) -> (Act<b, s, n, g, k>, Act<b, s, n, m>) {
    let shares = softmax::<m>(scale(dot::<k>(q, keys)));
    (dot::<m>(shares, values), sum::<g>(shares))
}

/// Scores of the `j` blocks that can be chosen (arXiv:2502.11089), `p` strides long: what is attended to in the compressed
/// blocks that overlap them.
#[cost(y = p + 1)]
pub fn BlockScores<b, s, m, n, p, y, j>(shares: Act<b, s, n, m>) -> Act<b, s, n, j> {
    sum::<y>(windows::<m, y, j>(shares, stride = p, pad = 1))
}

/// The `w` best of the blocks of `e` tokens that have ended.
#[cost(causal(s, j, stride = e), j = t / e)]
pub fn ChooseBlocks<b, s, t, j, e, n, w>(scores: Act<b, s, n, j>) -> Act<b, s, n, w> {
    top::<j, w>(scores)
}

/// Attention to `w` blocks of `e` tokens, which the queries of a group have in common: the query's own and others before it.
#[cost(selected(s, t, w, block = e))]
pub fn ChosenAttention<b, s, t, w, e, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    chosen: Act<b, s, n, w>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(among::<t, w>(scores, chosen)), values)
}

/// Attention to the last `v` tokens.
#[cost(window(s, t, v))]
pub fn RecentAttention<b, s, t, v, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// Native sparse attention (arXiv:2502.11089): attention to compressed blocks, to those of the blocks that these say matter,
/// and to the last tokens, each with keys and values of its own, weighed by gates.
#[cost(l = 2 * a, e = p * a, m = (t - l) / a + 1, j = t / e)]
pub fn NativeSparseAttention<b, s, t, d, n, g, k, a, l, m, u, r, p, e, j, w, v>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    wk_raw: Weight<d, n, k>,
    wv_raw: Weight<d, n, k>,
    wk_chosen: Weight<d, n, k>,
    wv_chosen: Weight<d, n, k>,
    wk_recent: Weight<d, n, k>,
    wv_recent: Weight<d, n, k>,
    gate_compressed: Weight<d, n, g>,
    gate_chosen: Weight<d, n, g>,
    gate_recent: Weight<d, n, g>,
    wo: Weight<n, g, k, d>,
    raw_keys: Cache<b, t, n, k>,
    raw_values: Cache<b, t, n, k>,
    compressed_keys: Cache<b, m, n, k>,
    compressed_values: Cache<b, m, n, k>,
    chosen_keys: Cache<b, t, n, k>,
    chosen_values: Cache<b, t, n, k>,
    recent_keys: Cache<b, t, n, k>,
    recent_values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let q = rope(dot::<d>(x, wq));
    let raw_keys = append::<t>(raw_keys, dot::<d>(x, wk_raw));
    let raw_values = append::<t>(raw_values, dot::<d>(x, wv_raw));
    let compressed_keys = append::<m>(compressed_keys, CompressBlocks { .. }(raw_keys));
    let compressed_values = append::<m>(compressed_values, CompressBlocks { .. }(raw_values));
    let chosen_keys = append::<t>(chosen_keys, rope(dot::<d>(x, wk_chosen)));
    let chosen_values = append::<t>(chosen_values, dot::<d>(x, wv_chosen));
    let recent_keys = append::<t>(recent_keys, rope(dot::<d>(x, wk_recent)));
    let recent_values = append::<t>(recent_values, dot::<d>(x, wv_recent));
    let (compressed, shares) = CompressedAttention { .. }(q, compressed_keys, compressed_values);
    let chosen = ChooseBlocks { .. }(BlockScores { .. }(shares));
    let picked = ChosenAttention { .. }(q, chosen_keys, chosen_values, chosen);
    let recent = RecentAttention { .. }(q, recent_keys, recent_values);
    let gates = sigmoid(dot::<d>(x, gate_compressed));
    let attended = compressed * gates + picked * sigmoid(dot::<d>(x, gate_chosen));
    let attended = attended + recent * sigmoid(dot::<d>(x, gate_recent));
    dot::<(n, g, k)>(attended, wo)
}

/// The mean keys of the `u` blocks of `l` tokens that end with the step's last ones.
#[cost(z = u * l)]
pub fn BlockMeans<b, t, z, u, l, n, k>(keys: Cache<b, t, n, k>) -> Act<b, u, n, k> {
    mean::<l>(split::<z, (u, l)>(last::<t, z>(keys)))
}

/// The gate of a mixture of block attention (arXiv:2502.13189): each query head takes the `w` blocks whose mean keys it
/// scores highest, of those that have ended.
#[cost(causal(s, m, stride = l), m = t / l)]
pub fn BlockGate<b, s, t, m, l, n, g, k, w>(q: Act<b, s, n, g, k>, means: Cache<b, m, n, k>) -> Act<b, s, n, g, w> {
    top::<m, w>(dot::<k>(q, means))
}

/// Attention of each query head to its own block of `l` tokens and to others that the gate has chosen, `w` in all.
#[cost(selected(s, t, w, block = l))]
pub fn BlockAttention<b, s, t, w, l, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    chosen: Act<b, s, n, g, w>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(among::<t, w>(scores, chosen)), values)
}

/// Mixture of block attention (MoBA, arXiv:2502.13189): a gate without parameters routes each query to blocks of keys.
#[cost(m = t / l)]
pub fn MixtureOfBlockAttention<b, s, t, d, n, g, k, l, m, u, w>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    wo: Weight<n, g, k, d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    means: Cache<b, m, n, k>,
) -> Act<b, s, d> {
    let q = rope(dot::<d>(x, wq));
    let keys = append::<t>(keys, rope(dot::<d>(x, wk)));
    let values = append::<t>(values, dot::<d>(x, wv));
    let means = append::<m>(means, BlockMeans { .. }(keys));
    let chosen = BlockGate { .. }(q, means);
    let attended = BlockAttention { .. }(q, keys, values, chosen);
    dot::<(n, g, k)>(attended, wo)
}
