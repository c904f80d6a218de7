//! A single-threaded executor in virtual time: what happens next is the earliest entry of a queue.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The queue of what is to come, by time and then by the order in which it was put there.
pub struct Queue<H> {
    now_ms: Cell<i64>,
    entries: RefCell<BinaryHeap<Entry<H>>>,
    next: Cell<u64>,
    polling: Cell<u32>,
}

/// What comes next.
pub enum Due<H> {
    /// Something that waited is over: this task can go on.
    Task(u32),
    /// Something happens in the world.
    Happening(H),
}

struct Entry<H> {
    at_ms: i64,
    number: u64,
    what: What<H>,
}

enum What<H> {
    Timer(u32, Rc<Timer>),
    Happening(H),
}

#[derive(Default)]
struct Timer {
    is_over: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// Waits until its time has come.
pub struct Pause(Rc<Timer>);

impl<H> Queue<H> {
    /// An empty queue at this moment, in milliseconds.
    pub fn new(now_ms: i64) -> Self {
        Self {
            now_ms: Cell::new(now_ms),
            entries: RefCell::new(BinaryHeap::new()),
            next: Cell::new(0),
            polling: Cell::new(0),
        }
    }

    /// Now, in milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    /// Lets time pass while nothing is in the queue.
    pub fn skip(&self, ms: i64) {
        self.now_ms.set(self.now_ms.get() + ms);
    }

    /// `happening` comes `ms` milliseconds from now.
    pub fn after(&self, ms: i64, happening: H) {
        self.push(ms, What::Happening(happening));
    }

    /// Waits, within the task that is polled now.
    pub fn pause(&self, ms: i64) -> Pause {
        let timer = Rc::new(Timer::default());
        self.push(ms, What::Timer(self.polling.get(), Rc::clone(&timer)));
        Pause(timer)
    }

    /// Goes on to the next entry, and to its time.
    pub fn next(&self) -> Option<Due<H>> {
        let entry = self.entries.borrow_mut().pop()?;
        self.now_ms.set(entry.at_ms);
        Some(match entry.what {
            What::Happening(happening) => Due::Happening(happening),
            What::Timer(task, timer) => {
                timer.is_over.set(true);
                if let Some(waker) = timer.waker.take() {
                    waker.wake();
                }
                Due::Task(task)
            }
        })
    }

    /// Polls the future of `task`.
    pub fn poll<T>(&self, task: u32, future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
        self.polling.set(task);
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn push(&self, ms: i64, what: What<H>) {
        let number = self.next.get();
        self.next.set(number + 1);
        let at_ms = self.now_ms.get() + ms.max(0);
        let entry = Entry { at_ms, number, what };
        self.entries.borrow_mut().push(entry);
    }
}

impl Future for Pause {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0.is_over.get() {
            return Poll::Ready(());
        }
        *self.0.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<H> PartialEq for Entry<H> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<H> Eq for Entry<H> {}

impl<H> PartialOrd for Entry<H> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<H> Ord for Entry<H> {
    /// The earliest is the greatest, as the heap wants it.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at_ms, other.number).cmp(&(self.at_ms, self.number))
    }
}
