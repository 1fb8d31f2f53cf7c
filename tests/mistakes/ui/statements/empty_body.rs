use cost_macros::cost;

#[cost]
fn Nothing<b>() -> Act<b> {}

fn main() {}
