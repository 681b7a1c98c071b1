//! Every order of deliveries, crashes and acts in a world.

use std::collections::HashMap;

use super::{Act, Cursor, World};

/// Tries every order of the steps of `replicas` deliveries, `crashes` and `acts`, and checks each final state. Returns the
/// number of distinct states.
pub fn explore(world: &World, replicas: usize, crashes: usize, acts: &[Act]) -> usize {
    let mut acts = acts.to_vec();
    acts.sort_unstable();
    let branch = Branch { world: world.clone(), cursors: vec![Cursor::Undelivered; replicas], crashes, acts };
    let mut visited = Visited::default();
    branch.explore(&mut visited);
    visited.values().map(Vec::len).sum()
}

/// Visited states, by a key that distinguishes most of them.
type Visited = HashMap<String, Vec<World>>;

#[derive(Clone)]
struct Branch {
    world: World,
    cursors: Vec<Cursor>,
    crashes: usize,
    acts: Vec<Act>,
}

impl Branch {
    fn explore(mut self, visited: &mut Visited) {
        self.acts.append(&mut self.world.pending);
        self.acts.sort_unstable();
        if !self.is_new(visited) {
            return;
        }
        for index in 0..self.acts.len() {
            let mut branch = self.clone();
            let act = branch.acts.remove(index);
            branch.world.act(act);
            branch.explore(visited);
        }
        for (index, cursor) in self.cursors.iter().enumerate() {
            if *cursor != Cursor::Settled {
                let mut branch = self.clone();
                branch.cursors[index] = cursor.advance(&mut branch.world);
                branch.explore(visited);
            }
            // A crash before the first step is no crash; one after the last is a lost acknowledgement. No delivery follows
            // a crash if another replica has acknowledged the request.
            if *cursor != Cursor::Undelivered && self.crashes > 0 {
                let acknowledged = self.cursors.contains(&Cursor::Settled);
                for after in [Some(Cursor::Undelivered), acknowledged.then_some(Cursor::Settled)] {
                    let Some(after) = after else { continue };
                    let mut branch = self.clone();
                    branch.cursors[index] = after;
                    branch.crashes -= 1;
                    branch.explore(visited);
                }
            }
        }
        if self.acts.is_empty() && self.cursors.iter().all(|cursor| *cursor == Cursor::Settled) {
            self.world.check();
        }
    }

    fn is_new(&self, visited: &mut Visited) -> bool {
        let (status, claim) = (self.world.booking().status, self.world.claim());
        let key = format!("{:?}{:?}{}{status:?}{claim:?}", self.cursors, self.acts, self.crashes);
        let alike = visited.entry(key).or_default();
        let new = !alike.contains(&self.world);
        if new {
            alike.push(self.world.clone());
        }
        new
    }
}
