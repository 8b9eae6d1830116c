// A doubly linked list whose nodes are the things listed (they extend ListNode), so that adding costs no allocation and
// removing from the middle no search. Invariant: a node is in at most one list, and `node.list` says which.

export class ListNode {
  list: LinkedList<ListNode> | null = null;
  previous: ListNode | null = null;
  next: ListNode | null = null;
}

export class LinkedList<N extends ListNode> {
  #head: ListNode | null = null;
  #tail: ListNode | null = null;

  /** The oldest node. */
  get head(): N | null {
    return this.#head as N | null;
  }

  /** Adds at the tail. */
  push(node: N): void {
    node.list = this as unknown as LinkedList<ListNode>;
    node.previous = this.#tail;
    node.next = null;
    if (this.#tail) this.#tail.next = node;
    else this.#head = node;
    this.#tail = node;
  }

  /** Takes the node out; nothing happens when it is not in this list. */
  remove(node: N): void {
    if (node.list !== (this as unknown as LinkedList<ListNode>)) return;
    if (node.previous) node.previous.next = node.next;
    else this.#head = node.next;
    if (node.next) node.next.previous = node.previous;
    else this.#tail = node.previous;
    node.list = null;
    node.previous = null;
    node.next = null;
  }
}
