use cost_macros::cost;

#[cost]
struct Scale {
    b: u64,
}

fn main() {}
