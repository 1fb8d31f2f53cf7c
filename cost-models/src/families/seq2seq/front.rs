//! What an encoder of sound begins with.

use cost_macros::cost;

/// Two convolutions of width 3 over `frames` frames of `c` mel channels, the second of which keeps every other one (Whisper,
/// arXiv:2212.04356).
#[cost(part = other, frames = 2 * src, all = frames, r = 3, e = d)]
pub fn SpeechFront<b, src, frames, all, c, d, e, r>(
    mel: Act<b, frames, c>,
    #[hf("model.encoder.conv1.weight")]
    #[gguf("enc.conv1.weight")]
    first: Weight<d, c, r>,
    #[hf("model.encoder.conv1.bias")]
    #[gguf("enc.conv1.bias")]
    first_bias: Weight<d>,
    #[hf("model.encoder.conv2.weight")]
    #[gguf("enc.conv2.weight")]
    second: Weight<e, d, r>,
    #[hf("model.encoder.conv2.bias")]
    #[gguf("enc.conv2.bias")]
    second_bias: Weight<e>,
) -> Act<b, src, e> {
    let x = store(gelu(dot::<(c, r)>(windows::<frames, r, all>(mel, pad = 1), first) + first_bias));
    gelu(dot::<(d, r)>(windows::<all, r, src>(x, stride = 2, pad = 1), second) + second_bias)
}
