using Eclusier.Commands;
using Eclusier.Operations;

namespace Eclusier.Tests.Commands;

public sealed class TextOutputSpecs
{
    [Fact]
    public async Task The_status_of_a_stack_says_all_that_is_needed_at_night()
    {
        using var bench = new Bench();
        Assert.Equal(0, await bench.RunAsync("status"));

        Assert.Equal("""
            shop: rolled-back
              release #42 failed and was rolled back to #41: web exited with 1

              running          #41  1eabc9a  Fix the cart's total
                               committed 2 h ago (2026-10-03 12:02:11)
              last known good  #41  1eabc9a  Fix the cart's total
              rollback         possible
              desired          main@2bad000  Faster [checkout]
              quarantined      #42  2bad000  Faster [checkout]
                               web exited with 1
              trouble          transient: the registry does not answer
                               began 5 min ago (2026-10-03 13:57:11), is waited for until 2026-10-03 14:12:11 (in 10 min), 3 attempts
              last check       12 s ago (2026-10-03 14:01:59)
              next try         in 2 min (2026-10-03 14:04:59)

            SERVICE  CONTAINER   STATE    HEALTH   RESTARTS  STARTED  IMAGE
            web      shop-web-1  running  healthy  0         2 h ago  ghcr.io/x/web:1

            """, bench.Output);
        Assert.Equal($"no daemon is running; this is what {bench.State} knows\n", bench.Error);
    }

    [Fact]
    public async Task The_status_says_what_is_being_deployed_and_why_a_stack_is_suspended()
    {
        using var bench = new Bench { Stacks = ["blog"] };
        bench.Agent.Statuses["blog"] = Some.EmptyStatus with
        {
            SuspendedBecause = "Ann is on it",
            RollbackPossible = false,
            RollbackObstacle = "of release #41 ghcr.io/x/web@sha256:abc is not on this host",
            Deployment = Some.Deployment with { EndedAt = null, Result = null },
        };
        await bench.RunAsync("status");

        Assert.Equal("""
            blog: empty
              nothing deployed yet

              suspended        Ann is on it
              running          nothing that is known
              last known good  none yet
              rollback         not possible: of release #41 ghcr.io/x/web@sha256:abc is not on this host
              deploying        #42 2bad000 because of commit, begun 20 min ago (2026-10-03 13:42:11)
                               at gate, since 19 min ago
              last check       never

            """, bench.Output);
    }

    [Fact]
    public async Task The_status_of_several_stacks_is_a_table()
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };
        await bench.RunAsync("status");

        Assert.Equal("""
            STACK  STATE        RELEASE  COMMIT   LAST CHECK  NEXT CHECK  MESSAGE
            shop   rolled-back  #41      1eabc9a  12 s ago    in 2 min    release #42 failed and was rolled back to #41: web exited with 1
            blog   empty                          never                   nothing deployed yet

            """, bench.Output);
    }

    [Fact]
    public async Task The_history_lists_deployments_and_releases()
    {
        using var bench = new Bench();
        await bench.RunAsync("history");

        Assert.Equal("""
            STARTED              STACK  RELEASE  RESULT       TOOK        CAUSE   COMMIT   SUBJECT
            2026-10-03 13:42:11  shop   #42      rolled-back  1 min 40 s  commit  2bad000  Faster [checkout]

            RELEASE  STATE            PREPARED             COMMIT   SUBJECT
            #42      quarantined      2026-10-03 13:42:11  2bad000  Faster [checkout]
            #41      last known good  2026-10-03 11:02:11  1eabc9a  Fix the cart's total

            """, bench.Output);
    }

    [Fact]
    public async Task The_history_of_several_stacks_leaves_out_releases_that_belong_to_nobody()
    {
        using var bench = new Bench { Stacks = ["shop", "blog"] };
        await bench.RunAsync("history");

        Assert.DoesNotContain("PREPARED", bench.Output);
    }

    [Fact]
    public async Task A_release_is_shown_in_full()
    {
        using var bench = new Bench();
        await bench.RunAsync("show", "41");

        Assert.Equal("""
            release #41
              state          last known good
              prepared       3 h ago (2026-10-03 11:02:11)
              committed      2 h ago (2026-10-03 12:02:11)
              repository     https://git.example.org/shop.git
              revision       main@1eabc9a4f00dfeedf00dfeedf00dfeedf00dfeed
                             Fix the cart's total
              author         Ann, 2026-10-03 10:02:11
              compose files  compose.yaml
              tools          compose 2.26.1
              id             aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

            SERVICE  IMAGE            HERE  KEPT AS               RUNS
            web      ghcr.io/x/web:1  yes   eclusier/shop/web:41  ghcr.io/x/web@sha256:0123

            deployment 7: committed
              web exited with 1
              cause    commit: main@2bad000
              release  #41  2bad000  Faster [checkout]
              began    20 min ago (2026-10-03 13:42:11)
              took     1 min 40 s
            STEP   AT        TOOK       RESULT  DETAIL
            stage  13:42:11  4.2 s      ok      3 images
            gate   13:43:11  1 min 1 s  failed  web exited with 1

            """, bench.Output);
    }

    [Fact]
    public async Task A_release_that_is_not_there_is_a_usage_error()
    {
        using var bench = new Bench();

        Assert.Equal(ExitCodes.Usage, await bench.RunAsync("show", "99"));
        Assert.EndsWith("error: shop has no release #99: `eclusier history shop` lists them\n", bench.Error);
    }

    [Fact]
    public async Task A_plan_says_what_changes_why_and_what_stands_in_the_way()
    {
        using var bench = new Bench();
        await bench.RunAsync("plan");

        Assert.Equal("""
            shop: 1 service would change
              revision  main@2bad000  Faster [checkout]
              from      #41
              obstacle  port 80 is taken by nginx

               SERVICE  ACTION    BECAUSE
            ~  web      recreate  image; environment: PORT
            =  db       keep

            """, bench.Output);
    }

    [Fact]
    public async Task A_deployment_shows_progress_beside_and_the_outcome_with_its_evidence()
    {
        using var bench = new Bench();
        bench.Agent.Outcome = _ => new OutcomeReport("shop", "rolled-back", "release #42 failed and was rolled back to #41", Some.Deployment);

        Assert.Equal(ExitCodes.RolledBack, await bench.RunAsync("deploy"));
        Assert.Equal("""
            shop: rolled-back: release #42 failed and was rolled back to #41
              web's last lines
                starting
                panic: no database

            """, bench.Output);
        Assert.Equal("no daemon is running: doing it here\n14:02:11 shop: Checking for updates\n", bench.Error);
    }

    [Fact]
    public async Task Stats_count_deployments_by_result()
    {
        using var bench = new Bench();
        await bench.RunAsync("stats");

        Assert.Equal("""
            daemon started 3 days ago (2026-09-30 14:02:11)

            STACK  TODAY                     7 DAYS       TYPICAL TIME  LAST COMMITTED                 LAST CHECK
            shop   2 committed, 1 rolled-back  9 committed  1 min 23 s    2 h ago (2026-10-03 12:02:11)  12 s ago

            NOTIFIER  OUTSTANDING         GIVEN UP  LAST DELIVERED                 TROUBLE
            ops       2, since 5 min ago  1         3 h ago (2026-10-03 11:02:11)  discord.com answered 503 Service Unavailable

            """.Replace("TODAY                     7", "TODAY                       7"), bench.Output);
    }

    [Fact]
    public async Task A_test_message_that_did_not_arrive_is_shown_with_its_reason()
    {
        using var bench = new Bench();

        Assert.Equal(ExitCodes.Unknown, await bench.RunAsync("notify", "test"));
        Assert.Equal("""
            NOTIFIER  TYPE     RESULT
            ops       discord  delivered
            mail      mail     smtp.example.org: connection refused

            """, bench.Output);
    }

    [Fact]
    public async Task Logs_are_lines_with_time_and_source()
    {
        using var bench = new Bench();
        await bench.RunAsync("logs");

        Assert.Equal("2026-10-03 14:02:09 shop-web-1 | GET /\n2026-10-03 14:02:10 eclusier   | Committed #41\n", bench.Output);
    }

    [Fact]
    public async Task Followed_logs_end_quietly_when_interrupted()
    {
        using var bench = new Bench();
        using var interruption = new CancellationTokenSource();
        var running = bench.RunUntilAsync(interruption.Token, "logs", "-f");
        await bench.Agent.LogsFollowed.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await interruption.CancelAsync();

        Assert.Equal(0, await running);
        Assert.Contains("| Committed #41", bench.Output);
        Assert.DoesNotContain("error", bench.Error);
    }

    [Fact]
    public async Task Foreign_text_cannot_command_the_terminal()
    {
        using var bench = new Bench { OnTerminal = true, AllowsColour = true };
        bench.Agent.Outcome = stack => new OutcomeReport(stack.Value, "committed", "\u001b[2Jgone \u001b]0;title\u0007[red]here[/]\r\n\u0008", null);
        bench.Agent.Logs[0] = new LogEntry(Some.Now, "web", "\u001b[31mred\u001b[0m \u001b]52;c;aGk=\u0007text");
        await bench.RunAsync("deploy");
        await bench.RunAsync("logs");

        Assert.Contains("gone [red]here[/] \uFFFD", bench.Output);
        Assert.Contains("| red text", bench.Output);
        Assert.DoesNotContain("\u001b[2J", bench.Output);
        Assert.DoesNotContain("\u001b]", bench.Output);
    }

    [Fact]
    public async Task A_terminal_gets_colours_and_the_same_words()
    {
        using var bench = new Bench { OnTerminal = true, AllowsColour = true };
        await bench.RunAsync("status");

        Assert.StartsWith("\u001b[1;91mshop: rolled-back\u001b[0m", bench.Output);
        var words = bench.Output.Split('\n').Select(line => string.Join(' ', Eclusier.Output.PlainText.OneLine(line).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains("last known good #41 1eabc9a Fix the cart's total", words);
        Assert.Contains("quarantined #42 2bad000 Faster [checkout]", words);
        Assert.Contains("web shop-web-1 running healthy 0 2 h ago ghcr.io/x/web:1", words);
    }

    [Fact]
    public async Task A_terminal_that_wants_no_colour_gets_none_but_its_width()
    {
        using var bench = new Bench { OnTerminal = true };
        bench.Agent.Statuses["shop"] = Some.Status with { Message = string.Join(' ', Enumerable.Repeat("word", 50)) };
        await bench.RunAsync("status");

        Assert.Contains("word word", bench.Output);
        Assert.DoesNotContain('\u001b', bench.Output + bench.Error);
        Assert.All(bench.Output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, line));
    }

    [Fact]
    public void No_color_and_dumb_terminals_are_heard()
    {
        Assert.False(Eclusier.Output.Terminal.OfProcess(name => name == "NO_COLOR" ? "1" : "xterm").AllowsColour);
        Assert.False(Eclusier.Output.Terminal.OfProcess(name => name == "TERM" ? "dumb" : null).AllowsColour);
        Assert.True(Eclusier.Output.Terminal.OfProcess(name => name == "TERM" ? "xterm" : null).AllowsColour);
    }
}
