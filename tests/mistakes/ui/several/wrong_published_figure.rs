use cost_models::families::decoder::Decoder;

const LLAMA2_7B: Decoder = Decoder { b: 1, s: 1, t: 1, o: 1, d: 4096, n: 32, g: 1, k: 128, f: 11008, v: 32000, l: 32, tied: 0 };

const _: () = assert!(LLAMA2_7B.params() == 6_738_415_616);
const _: () = assert!(LLAMA2_7B.params() == 6_738_415_617);

fn main() {}
