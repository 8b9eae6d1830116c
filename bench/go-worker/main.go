// faktory_worker_go as its users write it, with a job that does nothing: one of the other clients in `just bench worker`.
// FAKTORY_URL names the server; the only argument is how many goroutines work. It ends on SIGTERM.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	worker "github.com/contribsys/faktory_worker_go"
)

func main() {
	goroutines, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	manager := worker.NewManager()
	manager.Concurrency = goroutines
	manager.ProcessStrictPriorityQueues("jobstorm")
	manager.Register("noop", func(context.Context, ...any) error { return nil })
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	if err := manager.RunWithContext(stop); err != nil {
		log.Fatal(err)
	}
}
