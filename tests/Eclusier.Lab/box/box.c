/* A container's whole content: does what its arguments say, one after the other. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void stop(int signal) { (void)signal; _exit(0); }

static void rest(double seconds)
{
    struct timespec span = { (time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9) };
    nanosleep(&span, NULL);
}

int main(int count, char **words)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGTERM, stop);
    for (int i = 1; i < count; i++) {
        const char *word = words[i];
        const char *next = i + 1 < count ? words[i + 1] : "";
        if (!strcmp(word, "say")) { printf("%s\n", next); i++; }
        else if (!strcmp(word, "complain")) { fprintf(stderr, "%s\n", next); i++; }
        else if (!strcmp(word, "print")) { fputs(next, stdout); fflush(stdout); i++; }
        else if (!strcmp(word, "long")) { for (int n = atoi(next); n > 0; n--) putchar('x'); putchar('\n'); i++; }
        else if (!strcmp(word, "count")) { for (int n = 1; n <= atoi(next); n++) printf("line %d\n", n); i++; }
        else if (!strcmp(word, "tick")) { for (int n = 1;; n++) { printf("tick %d\n", n); rest(atof(next)); } }
        else if (!strcmp(word, "rest")) { rest(atof(next)); i++; }
        else if (!strcmp(word, "stay")) { for (;;) pause(); }
        else if (!strcmp(word, "eat")) { for (;;) { char *block = malloc(1 << 20); if (block) memset(block, 1, 1 << 20); } }
        else if (!strcmp(word, "exit")) { return atoi(next); }
        else { fprintf(stderr, "box: unknown word '%s'\n", word); return 64; }
    }
    return 0;
}
