use cost_models::families::decoder::Decoder;

const LLAMA2_7B: Decoder = Decoder { d: 4096, n: 32, k: 128, h: 128, f: 11008, v: 32000, l: 32, ..Decoder::PLAIN };

const _: () = assert!(LLAMA2_7B.params() == 6_738_415_616);
const _: () = assert!(LLAMA2_7B.params() == 6_738_415_617);

fn main() {}
