// The sample application that Eclusier's tests and demo deploy: one static program for images built from nothing.
//
//   app serve          an HTTP service; / answers "NAME VERSION", /health, /config (a mounted file), /env?NAME
//   app worker         prints a line each second
//   app job            prints a line and exits
//   app check          asks this container's own /health; exit code 0 or 1: for HEALTHCHECK
//   app sleep          does nothing, for ever
//
// How it behaves is baked into its image as /behaviour (KEY=VALUE lines), or given as environment variables
// (APP_ and the key in capitals), which win. Every key is optional:
//
//   name, version      what / answers and log lines begin with
//   say=TEXT           printed to stderr first of all: "fatal: cannot open database"
//   crash=CODE         exits at once with this code
//   start_delay=S      serves, works or exits only after so many seconds
//   status=CODE        the HTTP status of every answer
//   health=CODE        the HTTP status of /health alone
//   fail_after=S       every answer is 500 from then on
//   unhealthy_after=S  /health is 500 from then on
//   die_after=S        exits after so many seconds, with the code die_code (default 1)
//   exit=CODE          what a job exits with
//   hog=MB             takes this much memory and keeps it
//   ignore_term=1      does not stop on SIGTERM
//   port=N             instead of 8080
//   config=PATH        the file that /config answers with, instead of /config
//   loads=PATH         a file that is read at the start and on each SIGHUP; /loaded answers "N CONTENT", N counting the signals.
//                      While its content begins with "bad", every answer is 500; "fatal" ends the program
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char behaviour[8192];

static void read_behaviour(void)
{
    FILE *file = fopen("/behaviour", "r");
    if (!file)
        return; // an image without one is driven by its environment alone
    behaviour[fread(behaviour, 1, sizeof behaviour - 1, file)] = 0;
    fclose(file);
}

/// The value of a key: from the environment, else from the image, else the default.
static const char *setting(const char *key, const char *otherwise)
{
    static char values[16][256]; // one call's answer stays valid for the next fifteen
    static int next;

    char variable[64] = "APP_";
    size_t length = strlen(key);
    for (size_t i = 0; i <= length; i++)
        variable[4 + i] = (char)toupper((unsigned char)key[i]);
    const char *from_environment = getenv(variable);
    if (from_environment)
        return from_environment;

    for (const char *line = behaviour; *line;) {
        size_t size = strcspn(line, "\n");
        if (size > length && line[length] == '=' && !strncmp(line, key, length)) {
            char *value = values[next++ % 16];
            snprintf(value, sizeof values[0], "%.*s", (int)(size - length - 1), line + length + 1);
            return value;
        }
        line += size + (line[size] == '\n');
    }
    return otherwise;
}

static int number(const char *key, int otherwise)
{
    const char *text = setting(key, NULL);
    return text && *text ? atoi(text) : otherwise;
}

static char title[600]; // "NAME VERSION"

static double started_at;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/// Whether the moment that the key names (seconds after the start) has come.
static int has_come(const char *key)
{
    int after = number(key, -1);
    return after >= 0 && seconds_now() - started_at >= after;
}

static void nap(double seconds)
{
    struct timespec left = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    while (nanosleep(&left, &left) && errno == EINTR)
        ;
}

static void on_term(int signal)
{
    (void)signal;
    static const char text[] = "stopping on SIGTERM\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(0);
}

static int die_code;

static void on_die_time(int signal)
{
    (void)signal;
    static const char text[] = "fatal: lost the connection to the database\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(die_code);
}

static void take_memory(int megabytes)
{
    fprintf(stderr, "%s: taking %d MB\n", title, megabytes);
    for (int i = 0; i < megabytes; i++) {
        char *block = malloc(1 << 20);
        if (!block) {
            fprintf(stderr, "fatal: out of memory\n");
            exit(137);
        }
        memset(block, 1, 1 << 20); // a page counts only once it was written to
    }
}

// --- a file that is read once, and again on SIGHUP ---------------------------------------------------------------------

static volatile sig_atomic_t was_told;
static int times_told;
static char loaded[1024];

static void on_hangup(int signal)
{
    (void)signal;
    was_told = 1;
}

static void load(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(loaded, 1, sizeof loaded - 1, file) : 0;
    loaded[size] = 0;
    loaded[strcspn(loaded, "\n")] = 0;
    if (file)
        fclose(file);
    printf("%s: loaded %d '%s'\n", title, times_told, loaded);
    if (!strncmp(loaded, "fatal", 5))
        exit(2);
}

/// Reads the file again if it was told to.
static void heed(void)
{
    if (was_told) {
        was_told = 0;
        times_told++;
        load(setting("loads", ""));
    }
}

// --- serve -----------------------------------------------------------------------------------------------------------

static void answer(int connection, int status, const char *body, size_t size)
{
    char head[160];
    int length = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
        status, status < 400 ? "OK" : "Failed", size);
    if (send(connection, head, (size_t)length, MSG_NOSIGNAL | MSG_MORE) < 0 || send(connection, body, size, MSG_NOSIGNAL) < 0)
        fprintf(stderr, "a client went away\n");
}

static void answer_text(int connection, int status, const char *text)
{
    char body[1024];
    answer(connection, status, body, (size_t)snprintf(body, sizeof body, "%s\n", text));
}

static void answer_file(int connection, const char *path)
{
    static char content[65536];
    FILE *file = fopen(path, "r");
    if (!file) {
        answer_text(connection, 404, "no such file");
        return;
    }
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    answer(connection, 200, content, size);
}

static void handle(int connection)
{
    char request[4096] = "", path[512] = "";
    size_t size = 0;
    while (size < sizeof request - 1 && !strstr(request, "\r\n\r\n")) {
        ssize_t got = recv(connection, request + size, sizeof request - 1 - size, 0);
        if (got <= 0)
            return;
        size += (size_t)got;
        request[size] = 0;
    }
    sscanf(request, "%*s %511s", path);

    int status = has_come("fail_after") || !strncmp(loaded, "bad", 3) ? 500 : number("status", 200);
    if (!strcmp(path, "/health")) {
        status = has_come("unhealthy_after") ? 500 : status != 200 ? status : number("health", 200);
        if (status >= 400)
            fprintf(stderr, "%s: unhealthy, answering %d\n", title, status);
        answer_text(connection, status, status < 400 ? "ok" : "unhealthy");
    } else if (status >= 400) {
        fprintf(stderr, "%s: answering %d to %s\n", title, status, path);
        answer_text(connection, status, "internal error");
    } else if (!strcmp(path, "/loaded")) {
        char text[sizeof loaded + 16];
        snprintf(text, sizeof text, "%d %s", times_told, loaded);
        answer_text(connection, status, text);
    } else if (!strcmp(path, "/config")) {
        answer_file(connection, setting("config", "/config"));
    } else if (!strncmp(path, "/env?", 5)) {
        const char *value = getenv(path + 5);
        answer_text(connection, value ? 200 : 404, value ? value : "not set");
    } else {
        answer_text(connection, status, title);
    }
}

static int serve(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number("port", 8080)) };
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) {
        perror("fatal: cannot listen");
        return 1;
    }
    printf("%s: serving on port %d\n", title, number("port", 8080));
    for (;;) {
        heed();
        int connection = accept(listener, NULL, NULL);
        heed(); // told while nobody came
        if (connection < 0)
            continue;
        struct timeval patience = { .tv_sec = 1 }; // one client at a time: a silent one must not hold up the next
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        handle(connection);
        close(connection);
    }
}

// --- the other modes -------------------------------------------------------------------------------------------------

static _Noreturn void work(void)
{
    for (int round = 1;; round++) {
        printf("%s: working, round %d\n", title, round);
        nap(1);
    }
}

static int run_job(void)
{
    int code = number("exit", 0);
    printf("%s: job %s\n", title, code ? "failed" : "done");
    return code;
}

static int check(void)
{
    int connection = socket(AF_INET, SOCK_STREAM, 0), status = 0;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number("port", 8080)) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = { .tv_sec = 2 };
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    static const char request[] = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char reply[256] = "";
    if (connect(connection, (struct sockaddr *)&address, sizeof address)
        || send(connection, request, sizeof request - 1, MSG_NOSIGNAL) < 0
        || recv(connection, reply, sizeof reply - 1, 0) <= 0) {
        printf("/health: %s\n", strerror(errno));
        return 1;
    }
    sscanf(reply, "HTTP/1.1 %d", &status);
    printf("/health: HTTP %d\n", status);
    return status == 200 ? 0 : 1;
}

int main(int count, char **arguments)
{
    const char *mode = count > 1 ? arguments[1] : "serve";
    setvbuf(stdout, NULL, _IOLBF, 0);
    read_behaviour();
    snprintf(title, sizeof title, "%s %s", setting("name", "app"), setting("version", "0"));
    started_at = seconds_now();
    if (!strcmp(mode, "check"))
        return check();

    // PID 1 has no default handlers: without these two the engine would have to kill it
    signal(SIGTERM, number("ignore_term", 0) ? SIG_IGN : on_term);
    signal(SIGINT, on_term);

    const char *say = setting("say", NULL);
    if (say)
        fprintf(stderr, "%s\n", say);
    if (setting("crash", NULL)) {
        fprintf(stderr, "%s: exiting with code %d\n", title, number("crash", 1));
        return number("crash", 1);
    }
    if (number("die_after", 0) > 0) {
        die_code = number("die_code", 1);
        signal(SIGALRM, on_die_time);
        alarm((unsigned)number("die_after", 0));
    }
    nap(number("start_delay", 0));
    if (number("hog", 0) > 0)
        take_memory(number("hog", 0));

    if (setting("loads", NULL)) {
        struct sigaction hangup = { .sa_handler = on_hangup }; // not restarting what it interrupts
        sigaction(SIGHUP, &hangup, NULL);
        load(setting("loads", ""));
    }

    if (!strcmp(mode, "serve"))
        return serve();
    if (!strcmp(mode, "worker"))
        work();
    if (!strcmp(mode, "job"))
        return run_job();
    if (!strcmp(mode, "sleep"))
        for (;;)
            pause();
    fprintf(stderr, "unknown mode '%s': serve, worker, job, check or sleep\n", mode);
    return 64;
}
