//! Towers of sound: what their positions are made of, and what makes tokens of their results.

use cost_macros::cost;

/// Two convolutions of width 3 over `t` frames of `c` mel channels, each with a GELU; the second keeps every other frame, `s` in
/// all (Whisper, arXiv:2212.04356).
#[cost(part = other, t = 2 * s, p = 2 * s, r = 3, e = d)]
pub fn MelFront<b, s, t, p, c, d, e, r>(
    mel: Act<b, t, c>,
    #[hf("audio_tower.conv1.weight")] first: Weight<c, r, d>,
    #[hf("audio_tower.conv1.bias")] first_bias: Weight<d>,
    #[hf("audio_tower.conv2.weight")] second: Weight<d, r, e>,
    #[hf("audio_tower.conv2.bias")] second_bias: Weight<e>,
) -> Act<b, s, d> {
    let narrow = store(gelu(dot::<(c, r)>(windows::<t, r, p>(mel, pad = 1), first) + first_bias));
    let wide = gelu(dot::<(d, r)>(windows::<p, r, s>(narrow, stride = 2, pad = 1), second) + second_bias);
    rename::<e, d>(wide)
}

/// The mean of `r` positions, normalised, and one product (Qwen2-Audio, arXiv:2407.10759).
#[cost(m = s * r)]
pub fn AudioProjector<b, s, r, m, d, c>(
    x: Act<b, m, d>,
    #[part(norm)]
    #[hf("audio_tower.layer_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("audio_tower.layer_norm.bias")]
    shift: Weight<d>,
    #[hf("multi_modal_projector.linear.weight")] weight: Weight<d, c>,
    #[hf("multi_modal_projector.linear.bias")] bias: Weight<c>,
) -> Act<b, s, c> {
    let pooled = mean::<r>(split::<m, (s, r)>(x));
    let normed = store(layer_norm::<d>(pooled) * scale + shift);
    let y = dot::<d>(normed, weight) + bias;
    y
}

/// The mean of `r` positions, normalised, and a network with GELU (Audio Flamingo 3, arXiv:2507.08128). `bias` is 1 where the
/// network has biases.
#[cost(m = s * r)]
pub fn PooledSoundProjector<b, s, r, m, d, h, c, bias>(
    x: Act<b, m, d>,
    #[part(norm)]
    #[hf("audio_tower.layer_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("audio_tower.layer_norm.bias")]
    shift: Weight<d>,
    #[hf("multi_modal_projector.linear_1.weight")] first: Weight<d, h>,
    #[hf("multi_modal_projector.linear_1.bias")] first_bias: Weight<h>,
    #[hf("multi_modal_projector.linear_2.weight")] second: Weight<h, c>,
    #[hf("multi_modal_projector.linear_2.bias")] second_bias: Weight<c>,
) -> Act<b, s, c> {
    let pooled = mean::<r>(split::<m, (s, r)>(x));
    let normed = store(layer_norm::<d>(pooled) * scale + shift);
    let h = dot::<d>(normed, first);
    if bias {
        h = h + first_bias;
    }
    let hidden = store(gelu(h));
    let y = dot::<h>(hidden, second);
    if bias {
        y = y + second_bias;
    }
    y
}

/// `r` positions, each normalised, made one, and a network (Voxtral, arXiv:2507.13264). Axes that are 0 or 1: `bias` where the
/// network has biases, `silu` where its function is that rather than GELU, `post_norm` where its result is normalised.
#[cost(m = s * r)]
pub fn MergedSoundProjector<b, s, r, m, d, h, c, bias, silu, post_norm>(
    x: Act<b, m, d>,
    #[part(norm)]
    #[hf("audio_tower.layer_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("audio_tower.layer_norm.bias")]
    shift: Weight<d>,
    #[hf("multi_modal_projector.linear_1.weight")] first: Weight<r, d, h>,
    #[hf("multi_modal_projector.linear_1.bias")] first_bias: Weight<h>,
    #[hf("multi_modal_projector.linear_2.weight")] second: Weight<h, c>,
    #[hf("multi_modal_projector.linear_2.bias")] second_bias: Weight<c>,
    #[part(norm)]
    #[hf("multi_modal_projector.norm.weight")]
    result_scale: Weight<c>,
    #[part(norm)]
    #[hf("multi_modal_projector.norm.bias")]
    result_shift: Weight<c>,
) -> Act<b, s, c> {
    let normed = store(layer_norm::<d>(x) * scale + shift);
    let h = dot::<(r, d)>(split::<m, (s, r)>(normed), first);
    if bias {
        h = h + first_bias;
    }
    if silu {
        h = silu(h);
    }
    if !silu {
        h = gelu(h);
    }
    let hidden = store(h);
    let y = dot::<h>(hidden, second);
    if bias {
        y = y + second_bias;
    }
    if post_norm {
        y = layer_norm::<c>(y) * result_scale + result_shift;
    }
    y
}
