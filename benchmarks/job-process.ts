import { runJob, type Job } from './support/job.ts';

// The process of one measurement, forked by the benchmark: its heap and its memory are its own.

/** How a process of its own was called: with a job as JSON. */
const jobOf = ([text = '']: readonly string[]): Job =>
  // Only the benchmark of this very checkout forks this file, and it has a job to write.
  JSON.parse(text) as Job;

const result = await runJob(jobOf(process.argv.slice(2)));
await new Promise<void>((resolve, reject) => {
  if (process.send === undefined) {
    console.log(JSON.stringify(result, null, 2));
    resolve();
    return;
  }
  process.send(result, (error: Error | null) => {
    if (error === null) resolve();
    else reject(error);
  });
});
if (process.connected) process.disconnect();
