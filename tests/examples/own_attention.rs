//! The README's own attention in a released model's decoder.
#![allow(missing_docs, unreachable_pub)]

use cost_models::cost_core::{Options, hardware};
use cost_models::ops::{GatedMlp, LmHead, RmsNorm};
use cost_models::report::{Report, report};
use cost_models::{Workload, catalogue, cost};

/// Attention whose keys are its values: one cache instead of two.
#[cost(part = attention, causal(s, t))]
pub fn OneCacheAttention<b, s, t, n, g, k>(q: Act<b, s, n, g, k>, memory: Cache<b, t, n, k>) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, memory));
    dot::<t>(softmax::<t>(scores), memory)
}

/// Its projections, on a normalised input and added to it.
#[cost(part = attention)]
pub fn OneCacheBlock<b, s, t, d, n, g, k>(
    x: Act<b, s, d>,
    norm: Weight<d>,
    wq: Weight<d, n, g, k>,
    wm: Weight<d, n, k>,
    wo: Weight<n, g, k, d>,
    memory: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let h = RmsNorm { b, s, d }(x, norm);
    let q = rope(dot::<d>(h, wq));
    let memory = append::<t>(memory, rope(dot::<d>(h, wm)));
    let attended = OneCacheAttention { b, s, t, n, g, k }(q, memory);
    x + dot::<(n, g, k)>(attended, wo)
}

/// A decoder with these blocks and the built-in feed-forward networks.
#[cost]
pub fn OneCacheDecoder<b, s, t, o, d, n, g, k, f, v, l>(
    ids: Ids<b, s>,
    #[part(embedding)] embed: Weight<v, d>,
    #[part(norm)] norm: Weight<d>,
) -> Act<b, o, v> {
    let x = gather::<v>(embed, ids);
    for _ in 0..l {
        x = OneCacheBlock { .. }(x);
        x = x + GatedMlp { bias: 0, gelu: 0, relu2: 0, limited: 0, sub_norm: 0, .. }(RmsNorm { b, s, d }(x));
    }
    let h = RmsNorm { b, s, d }(x, norm);
    LmHead { b, s, o, d, v }(h)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let llama = catalogue::find("llama-3.1-8b")?;
    // The axes that the two have in common keep the released model's sizes.
    let own = llama.rebuilt::<OneCacheDecoder>("one-cache-8b", &[])?;
    let device = hardware::find("h100")?;
    for model in [&llama, &own] {
        let Report { of, params, cache, hardware, .. } =
            report(model, &Workload::decode(8, 32_000), &Options::default(), core::slice::from_ref(&device))?;
        let (token, time) = (cache.bytes_per_token.to_f64(), hardware[0].lower_bound_s * 1e3);
        println!("{}: {} parameters, {token} byte of cache a token, at least {time:.2} ms", of.model, params.total);
    }
    Ok(())
}
