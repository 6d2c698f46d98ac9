#include <sodium.h>
#include <stdlib.h>

#include "src/ingest/ingest_private.h"

void job_list_init(struct job_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

void job_list_add(struct job_list *list, struct ingest_job *job)
{
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
}

struct ingest_job *job_list_take(struct job_list *list)
{
	struct ingest_job *job = list->first;

	if (!job)
		return NULL;
	list->first = job->next;
	if (!list->first)
		list->end = &list->first;
	return job;
}

void job_list_move(struct job_list *to, struct job_list *from)
{
	if (!from->first)
		return;
	*to->end = from->first;
	to->end = from->end;
	job_list_init(from);
}

void publish_list_init(struct publish_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

void publish_list_add(struct publish_list *list, struct publish *p)
{
	p->next = NULL;
	*list->end = p;
	list->end = &p->next;
}

struct publish *publish_list_take(struct publish_list *list)
{
	struct publish *p = list->first;

	if (!p)
		return NULL;
	list->first = p->next;
	if (!list->first)
		list->end = &list->first;
	return p;
}

void publish_list_move(struct publish_list *to, struct publish_list *from)
{
	if (!from->first)
		return;
	*to->end = from->first;
	to->end = from->end;
	publish_list_init(from);
}

void publish_free(struct publish *p)
{
	if (p && p->hook)
		sodium_memzero(p->content, p->n);
	free(p);
}
