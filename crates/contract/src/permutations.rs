//! Permutations: tests send events in every order in which they can arrive.

/// Every permutation of the numbers below `count`.
pub(crate) fn all(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let mut orders = Vec::new();
    for shorter in all(last) {
        for place in 0..count {
            let mut order = shorter.clone();
            order.insert(place, last);
            orders.push(order);
        }
    }
    orders
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn four_things_have_twenty_four_orders() {
        let orders = super::all(4);
        assert!(orders.iter().all(|order| order.iter().collect::<BTreeSet<_>>().len() == 4));
        assert_eq!((orders.len(), orders.iter().collect::<BTreeSet<_>>().len()), (24, 24));
    }
}
