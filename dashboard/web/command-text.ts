// A run's command as people would type it on the cluster's host: without the addresses that a room gives to the runs that it starts, which
// are those of its own network. Pure.

const addresses = / --(?:control|tell|api|url) \S+|\bFAKTORY_SERVER_IP=\S+ /g;
/** Only a room writes its own address so. */
const startedByRoom = / --(?:control|tell) ws:\/\//;

/** Of a run's header. */
export function plainCommand(command: string): string {
  return command.replace(addresses, '');
}

/** What a run that had `command` advises. */
export function plainAdvice(advice: string, command: string): string {
  return startedByRoom.test(command) ? advice.replace(addresses, '') : advice;
}
