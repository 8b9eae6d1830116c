// A produce, consume, fail and retry round with faktory_worker_go and Faktory's own Go client, as their users write it.
// FAKTORY_URL names the server. What it saw goes to stdout as one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"sort"
	"sync"
	"time"

	faktory "github.com/contribsys/faktory/client"
	worker "github.com/contribsys/faktory_worker_go"
)

const (
	queue = "go-round"
	wid   = "go-round-client"
)

type seen struct {
	Rejected []string       `json:"rejected"`
	Sums     []int          `json:"sums"`
	Runs     []int          `json:"runs"`
	Custom   any            `json:"custom"`
	ErrTypes []string       `json:"errtypes"`
	Beat     string         `json:"beat"`
	Quiet    string         `json:"quiet"`
	Refusal  string         `json:"refusal"`
	Left     map[string]int `json:"left"`
	Counts   []uint64       `json:"counts"`
	Workers  float64        `json:"workers"`
	ByHand   any            `json:"byHand"`
	Empty    bool           `json:"empty"`
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func until(what string, look func() bool) {
	for deadline := time.Now().Add(30 * time.Second); !look(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			log.Fatalf("waited 30 s for %s", what)
		}
	}
}

func job(jobtype string, args ...any) *faktory.Job {
	job := faktory.NewJob(jobtype, args...)
	job.Queue = queue
	return job
}

func produce(client *faktory.Client, saw *seen) {
	must(client.Push(job("add", 1, 2)))
	bad := job("add", 0, 0)
	bad.Queue = "no way"
	rejected, err := client.PushBulk([]*faktory.Job{job("add", 3, 4), job("add", 5, 6), bad})
	must(err)
	for _, reason := range rejected {
		saw.Rejected = append(saw.Rejected, reason)
	}
}

// consume runs a worker until the sums are there and the flaky job has run twice.
func consume(client *faktory.Client, saw *seen) {
	var mutex sync.Mutex
	manager := worker.NewManager()
	manager.Concurrency = 2
	manager.ProcessWID = "go-round-worker"
	manager.ProcessStrictPriorityQueues(queue)
	manager.Register("add", func(_ context.Context, args ...any) error {
		mutex.Lock()
		defer mutex.Unlock()
		saw.Sums = append(saw.Sums, int(args[0].(float64)+args[1].(float64)))
		return nil
	})
	manager.Use(func(ctx context.Context, job *faktory.Job, next func(context.Context) error) error {
		if job.Type == "flaky" {
			mutex.Lock()
			defer mutex.Unlock()
			if job.Failure == nil {
				saw.Runs = append(saw.Runs, -1)
				return errors.New("the first time never works")
			}
			saw.Runs = append(saw.Runs, job.Failure.RetryCount)
			saw.ErrTypes = append(saw.ErrTypes, job.Failure.ErrorMessage)
			saw.Custom, _ = worker.HelperFor(ctx).Custom("note")
		}
		return next(ctx)
	})
	manager.Register("flaky", func(context.Context, ...any) error { return nil })
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- manager.RunWithContext(ctx) }()
	count := func(n *[]int) int {
		mutex.Lock()
		defer mutex.Unlock()
		return len(*n)
	}
	until("the sums", func() bool { return count(&saw.Sums) == 3 })
	flaky := job("flaky", 1)
	flaky.SetCustom("note", "kept")
	must(client.Push(flaky))
	until("the failure", func() bool { return state(client).Data.Sets["retries"] == 1 })
	saw.Workers = state(client).Data.Tasks["Workers"]["size"].(float64)
	must(client.Requeue(faktory.Retries, faktory.OfType("flaky")))
	until("the second run", func() bool { return state(client).Data.TotalProcessed == 5 })
	stop()
	must(<-ended)
	sort.Ints(saw.Sums)
}

func state(client *faktory.Client) *faktory.FaktoryState {
	state, err := client.CurrentState()
	must(err)
	return state
}

func byHand(client *faktory.Client, saw *seen) {
	must(client.Push(job("byhand", map[string]string{"k": "ä"})))
	fetched, err := client.Fetch(queue)
	must(err)
	saw.ByHand = fetched.Args
	must(client.Fail(fetched.Jid, errors.New("no"), debug.Stack()))
	must(client.Kill(faktory.Retries, faktory.WithJids(fetched.Jid)))
	must(client.Clear(faktory.Dead))
	must(client.PauseQueues(queue))
	must(client.ResumeQueues(queue))
	none, err := client.Fetch(queue)
	must(err)
	saw.Empty = none == nil
	short := job("t", 1)
	short.Jid = "short"
	if err := client.Push(short); err != nil {
		saw.Refusal = err.Error()
	}
	// The manager has put its own in this place.
	faktory.RandomProcessWid = wid
	saw.Beat, err = client.Beat()
	must(err)
	saw.Quiet, err = client.Beat("quiet")
	must(err)
	now := state(client)
	saw.Left = map[string]int{}
	for name, size := range now.Data.Queues {
		saw.Left[name] = int(size)
	}
	for name, size := range now.Data.Sets {
		saw.Left[name] = int(size)
	}
	saw.Counts = []uint64{now.Data.TotalProcessed, now.Data.TotalFailures}
}

func main() {
	log.SetOutput(os.Stderr)
	saw := &seen{}
	faktory.RandomProcessWid = wid
	client, err := faktory.Open()
	must(err)
	produce(client, saw)
	consume(client, saw)
	byHand(client, saw)
	must(client.Flush())
	must(client.Close())
	text, err := json.Marshal(saw)
	must(err)
	_, err = io.WriteString(os.Stdout, fmt.Sprintln(string(text)))
	must(err)
}
