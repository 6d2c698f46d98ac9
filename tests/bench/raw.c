/*
 * What the machine can do: raw FILE [THREADS]
 *
 * Checks the signature of every message of FILE with libsodium, on every core,
 * and nothing else: the messages are taken apart before the clock starts.
 * Prints messages a second; then the same by our verifiers, a thread each; and
 * what one thread needs to take a message apart.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/message.h"
#include "feeds/verify.h"
#include "tests/bench/bench.h"

enum { MESSAGES_MAX = 20000, THREADS_MAX = 64, JOB = 64 };

struct item {
	struct kith_msg m;
	struct kith_slice signing;
};

static struct item items[MESSAGES_MAX];
static size_t count;
static unsigned thread_count;

static void *verify_share(void *arg)
{
	for (size_t i = (size_t)arg; i < count; i += thread_count) {
		const struct item *it = &items[i];

		if (crypto_sign_verify_detached(it->m.signature,
						it->signing.p, it->signing.n,
						it->m.author.b))
			bench_fail("raw", "a signature does not verify");
	}
	return NULL;
}

/* Jobs as ingest makes them: each thread takes the next, as it were. */
static void verify_job(struct kith_verifier *v, size_t first)
{
	struct kith_verify_item job[JOB];
	size_t n = count - first < JOB ? count - first : JOB;

	for (size_t i = 0; i < n; i++) {
		const struct item *it = &items[first + i];

		job[i] = (struct kith_verify_item){
			it->m.author.b, it->signing, it->m.signature, false
		};
	}
	kith_verifier_check(v, job, n);
	for (size_t i = 0; i < n; i++)
		if (!job[i].valid)
			bench_fail("raw", "a signature does not verify");
}

static void *verify_share_by_ours(void *arg)
{
	struct kith_verifier *v = kith_verifier_new();

	if (!v)
		bench_fail("raw", "out of memory");
	for (size_t i = (size_t)arg * JOB; i < count; i += thread_count * JOB)
		verify_job(v, i);
	kith_verifier_free(v);
	return NULL;
}

static double verify_all(unsigned threads, void *(*share)(void *))
{
	pthread_t ids[THREADS_MAX];
	double start = bench_seconds(CLOCK_MONOTONIC);

	thread_count = threads;
	for (size_t i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, share, (void *)i))
			bench_fail("raw", "no thread");
	for (size_t i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	return bench_seconds(CLOCK_MONOTONIC) - start;
}

/* The bytes that were signed stay in d, and those are what counts. */
static double decode_all(struct kith_decoder *d, struct kith_slice text)
{
	struct kith_error e = { 0 };
	struct kith_slice value;
	double start = bench_seconds(CLOCK_MONOTONIC);

	for (count = 0; count < MESSAGES_MAX && bench_next(&text, &value);
	     count++) {
		struct item *it = &items[count];

		if (kith_msg_decode(d, KITH_CLASSIC, value, &it->m, &e))
			bench_fail("raw", e.text);
		it->signing = it->m.signing;
	}
	return bench_seconds(CLOCK_MONOTONIC) - start;
}

int main(int argc, char **argv)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = cores > 0 ? (unsigned)cores : 1;
	struct kith_decoder *d;
	double decoded, verified, by_ours;

	if (argc < 2 || kith_init())
		return 2;
	if (argc > 2)
		threads = (unsigned)strtoul(argv[2], NULL, 10);
	if (!threads || threads > THREADS_MAX)
		return 2;
	d = kith_decoder_new(NULL);
	if (!d)
		bench_fail("raw", "out of memory");
	decoded = decode_all(d, bench_map(argv[1]));
	verified = verify_all(threads, verify_share);
	by_ours = verify_all(threads, verify_share_by_ours);
	printf("raw verify: %.0f messages a second on %u threads\n",
	       (double)count / verified, threads);
	printf("our verifiers: %.0f messages a second on %u threads\n",
	       (double)count / by_ours, threads);
	printf("decode: %.2f us a message\n", decoded / (double)count * 1e6);
	kith_decoder_free(d);
	return 0;
}
