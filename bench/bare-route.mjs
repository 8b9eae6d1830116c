// What Fastify alone can do on this machine: one POST route that parses JSON as Fastify does by default and answers with a
// constant of the shape that the api-service answers. Run by bench/cases/api-single.ts, as a process of its own.
import Fastify from 'fastify';

const app = Fastify({ logger: false });
app.post('/jobs/add', () => ({ job_id: '0123456789abcdef01234567', message: 'add job enqueued' }));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send({ type: 'ready', url });
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
