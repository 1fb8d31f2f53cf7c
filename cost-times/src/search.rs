//! The least of a function of a few numbers: Nelder and Mead's simplex, which asks for no derivative.

/// The point that it ends at, from a start, with a first step along each axis, after so many evaluations.
pub(crate) fn least(
    start: &[f64],
    step: f64,
    evaluations: usize,
    of: &mut dyn FnMut(&[f64]) -> f64,
) -> (Vec<f64>, f64) {
    let n = start.len();
    let mut simplex: Vec<(f64, Vec<f64>)> = Vec::with_capacity(n + 1);
    simplex.push((of(start), start.to_vec()));
    for axis in 0..n {
        let mut corner = start.to_vec();
        corner[axis] += step;
        simplex.push((of(&corner), corner));
    }
    let mut spent = n + 1;
    while spent < evaluations {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (simplex[0].0, simplex[n].0);
        if worst - best < 1e-7 {
            break;
        }
        let middle: Vec<f64> =
            (0..n).map(|axis| simplex[..n].iter().map(|it| it.1[axis]).sum::<f64>() / n as f64).collect();
        let along = |times: f64| -> Vec<f64> {
            middle.iter().zip(&simplex[n].1).map(|(middle, far)| middle + times * (middle - far)).collect()
        };
        let mirrored = along(1.0);
        let value = of(&mirrored);
        spent += 1;
        let second = simplex[n - 1].0;
        if value < best {
            let further = along(2.0);
            let more = of(&further);
            spent += 1;
            simplex[n] = if more < value { (more, further) } else { (value, mirrored) };
        } else if value < second {
            simplex[n] = (value, mirrored);
        } else {
            let nearer = if value < worst { along(0.5) } else { along(-0.5) };
            let less = of(&nearer);
            spent += 1;
            if less < value.min(worst) {
                simplex[n] = (less, nearer);
            } else {
                let first = simplex[0].1.clone();
                for (value, corner) in &mut simplex[1..] {
                    for (x, first) in corner.iter_mut().zip(&first) {
                        *x = first + 0.5 * (*x - first);
                    }
                    *value = of(corner);
                }
                spent += n;
            }
        }
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (value, point) = simplex.swap_remove(0);
    (point, value)
}
