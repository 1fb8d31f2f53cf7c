use cost_macros::cost;

use self::failed::Attention;

// In a module of its own: where a macro failed, the compiler hides the module's unresolved names by itself.
mod failed {
    use cost_macros::cost;

    // One operator with a mistake of every stage, from the attribute to the whole body.
    #[cost(casual(s, t))]
    pub fn Attention<b, s, t, n, k>(
        q: Act<b, s, n, k>,
        #[hff("k_cache")] keys: Cach<b, t, n, k>,
        values: Cache<b, t, n, k>,
        bias: Weight<k>,
    ) -> Act<b, s, n, k> {
        let scores: Act<b, s, n> = dot::<k>(q, values);
        let weights = softmx::<t>(scores + dot::<k>(qq, keys));
        dot::<m>(q, values) * dot::<t>(weights, values)
    }
}

// Calls the one that failed: nothing to report, what it returns is as annotated.
#[cost]
fn Layer<b, s, t, n, k>(q: Act<b, s, n, k>, keys: Cache<b, t, n, k>, values: Cache<b, t, n, k>) -> Act<b, s, n, k> {
    let y: Act<b, s, n, k> = Attention { .. }(q, keys, values);
    dot::<t>(dot::<k>(y, keys), values)
}

// Uses the type, its fields and its methods.
fn layer() -> u128 {
    let attention = Attention { b: 1, s: 2, t: 3, n: 4, k: 5 };
    let layer = Layer { b: attention.b, s: attention.s, t: 3, n: 4, k: 5 };
    layer.params() + attention.flops().matmul
}

fn main() {}
