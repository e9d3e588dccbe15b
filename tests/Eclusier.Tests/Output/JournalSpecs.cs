using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Tests.Output;

public sealed partial class JournalSpecs : IDisposable
{
    private static readonly StackName Shop = StackName.Parse("shop");
    private readonly StringWriter _written = new();
    private readonly FakeTimeProvider _time = new(Some.Now);
    private readonly ProgressFeed _feed;
    private ServiceProvider? _services;

    public JournalSpecs()
    {
        _feed = new ProgressFeed(_time);
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(2), "here", "here"));
    }

    [Fact]
    public void The_stacks_name_stands_first_and_once_with_the_priority_before_it()
    {
        var logger = Logger(JournalStyle.Priorities);
        Log.Checking(logger, Shop);
        Log.RollingBack(logger, Shop, "web exited with 1");
        Log.Lost(logger, "shop");
        logger.LogInformation("Started");

        Assert.Equal("""
            <6>shop: Checking for updates
            <4>shop: Rolling back shop: web exited with 1
            <3>shop: Stalled
            <6>Started

            """, _written.ToString());
    }

    [Theory]
    [InlineData(LogLevel.Critical, "<2>")]
    [InlineData(LogLevel.Error, "<3>")]
    [InlineData(LogLevel.Warning, "<4>")]
    [InlineData(LogLevel.Information, "<6>")]
    [InlineData(LogLevel.Debug, "<7>")]
    [InlineData(LogLevel.Trace, "<7>")]
    public void Levels_are_systemds_priorities(LogLevel level, string beginning)
    {
        new JournalLogger(_written, new JournalOptions(JournalStyle.Priorities), _time).CreateLogger("x").Log(level, "here");

        Assert.Equal($"{beginning}here\n", _written.ToString());
    }

    [Theory]
    [InlineData(JournalStyle.Terminal, "16:02:11 shop: Checking for updates\n")]
    [InlineData(JournalStyle.Timestamps, "2026-10-03T16:02:11+02:00 shop: Checking for updates\n")]
    public void Elsewhere_a_line_has_its_time(JournalStyle style, string line)
    {
        Log.Checking(Logger(style), Shop);

        Assert.Equal(line, _written.ToString());
    }

    [Fact]
    public void Every_line_of_a_message_has_the_same_beginning()
    {
        Log.Output(Logger(JournalStyle.Priorities), Shop, "starting\r\npanic: \u001b[31mno database\u001b[0m\n");

        Assert.Equal("""
            <4>shop: web says
            <4>shop:   starting
            <4>shop:   panic: no database

            """, _written.ToString());
    }

    [Fact]
    public void An_exception_is_one_line_and_its_detail_is_for_debugging()
    {
        var logger = Logger(JournalStyle.Priorities);
        Log.Broken(logger, Thrown(), Shop);
        Assert.Equal("<3>shop: The check failed\n<4>shop: IOException: the disk is full\n", _written.ToString());

        var detailed = Logger(JournalStyle.Priorities, showsDetail: true);
        Log.Broken(detailed, Thrown(), Shop);
        Assert.Contains("<7>shop: System.IO.IOException: the disk is full\n<7>shop:      at ", _written.ToString());
    }

    [Fact]
    public void An_exceptions_message_is_not_said_twice()
    {
        Log.BrokenBecause(Logger(JournalStyle.Priorities), Thrown(), Shop, "the disk is full");

        Assert.Equal("<3>shop: The check failed: the disk is full\n", _written.ToString());
    }

    [Fact]
    public void The_framework_only_warns()
    {
        Logger(JournalStyle.Priorities);
        var framework = _services!.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics");
        framework.LogInformation("Request starting");
        framework.LogWarning("Overriding address(es)");

        Assert.Equal("<4>Overriding address(es)\n", _written.ToString());
    }

    [Theory]
    [InlineData("JOURNAL_STREAM", "8:1", false, JournalStyle.Priorities)]
    [InlineData("JOURNAL_STREAM", "8:1", true, JournalStyle.Terminal)] // a shell inherits it
    [InlineData("ECLUSIER_JOURNAL", "1", false, JournalStyle.Priorities)]
    [InlineData("ECLUSIER_JOURNAL", "1", true, JournalStyle.Terminal)]
    [InlineData("ECLUSIER_JOURNAL", "0", false, JournalStyle.Timestamps)]
    [InlineData("HOME", "/root", false, JournalStyle.Timestamps)]
    [InlineData("HOME", "/root", true, JournalStyle.Terminal)]
    public void The_style_follows_from_where_it_is_written_to(string variable, string value, bool isTerminal, JournalStyle style) =>
        Assert.Equal(style, JournalStyles.Detect(name => name == variable ? value : null, isTerminal));

    [Fact]
    public async Task Watchers_of_a_stack_get_its_lines_in_order_and_no_others()
    {
        var logger = Logger(JournalStyle.Priorities);
        var lines = new List<ProgressLine>();
        Log.Checking(logger, Shop);
        await using (_feed.Subscribe(Shop, lines.Add))
        {
            Log.Checking(logger, Shop);
            Log.Checking(logger, StackName.Parse("blog"));
            Log.RollingBack(logger, Shop, "x");
            Log.Broken(logger, Thrown(), Shop);
            logger.LogInformation("Started");
        }

        Log.Checking(logger, Shop);
        Assert.Equal(
            [
                new ProgressLine(Some.Now, "shop", "information", "Checking for updates"),
                new ProgressLine(Some.Now, "shop", "warning", "Rolling back shop: x"),
                new ProgressLine(Some.Now, "shop", "error", "The check failed: the disk is full"),
            ],
            lines);
    }

    [Fact]
    public async Task A_watcher_that_hangs_loses_old_lines_and_holds_nobody_up()
    {
        var logger = Logger(JournalStyle.Priorities);
        using var hanging = new ManualResetEventSlim();
        using var reading = new ManualResetEventSlim();
        var seen = new List<string>();
        var subscription = _feed.Subscribe(Shop, line =>
        {
            reading.Set();
            hanging.Wait(TimeSpan.FromSeconds(30));
            seen.Add(line.Message);
        });
        Log.Numbered(logger, Shop, 0);
        Assert.True(reading.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        for (var number = 1; number <= 5000; number++)
        {
            Log.Numbered(logger, Shop, number); // would never come back if the watcher were waited for
        }

        hanging.Set();
        await subscription.DisposeAsync();
        Assert.Equal(1001, seen.Count); // the one it hung at, and the newest
        Assert.Equal("line 5000", seen[^1]);
        Assert.Equal("line 4001", seen[1]);
    }

    public void Dispose()
    {
        _services?.Dispose();
        _feed.Dispose();
        _written.Dispose();
    }

    private ILogger Logger(JournalStyle style, bool showsDetail = false)
    {
        _services = new ServiceCollection()
            .AddLogging(logging => logging.AddJournal(_written, new JournalOptions(style) { ShowsDetail = showsDetail }, _feed, _time))
            .BuildServiceProvider();
        return _services.GetRequiredService<ILoggerFactory>().CreateLogger("Eclusier.Reconciler");
    }

    private static IOException Thrown()
    {
        try
        {
            throw new IOException("the disk is full");
        }
        catch (IOException exception)
        {
            return exception;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: Checking for updates")]
        public static partial void Checking(ILogger logger, StackName stack);

        [LoggerMessage(LogLevel.Warning, "Rolling back {Stack}: {Reason}")]
        public static partial void RollingBack(ILogger logger, StackName stack, string reason);

        [LoggerMessage(LogLevel.Error, "{Stack}: Stalled")]
        public static partial void Lost(ILogger logger, string stack);

        [LoggerMessage(LogLevel.Warning, "{Stack}: web says\n{Text}")]
        public static partial void Output(ILogger logger, StackName stack, string text);

        [LoggerMessage(LogLevel.Error, "{Stack}: The check failed")]
        public static partial void Broken(ILogger logger, Exception exception, StackName stack);

        [LoggerMessage(LogLevel.Error, "{Stack}: The check failed: {Reason}")]
        public static partial void BrokenBecause(ILogger logger, Exception exception, StackName stack, string reason);

        [LoggerMessage(LogLevel.Information, "{Stack}: line {Number}")]
        public static partial void Numbered(ILogger logger, StackName stack, int number);
    }
}
