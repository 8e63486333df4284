using System.Net;
using System.Net.Http.Json;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using static Qanat.Daemon.Tests.Fakes.Server;

namespace Qanat.Daemon.Tests;

/// <summary>The API of states and policies, through a real socket.</summary>
public sealed class XfrmApiTests : IAsyncLifetime
{
    private const string States = "/v1/xfrm/states", Policies = "/v1/xfrm/policies";

    private const string State = $$"""
        {"src":"192.0.2.1","dst":"192.0.2.2","spi":5,"aead":{"name":"rfc4106(gcm(aes))","key":"{{XfrmBench.Key}}","bits":128} }
        """;

    private const string Policy = """
        {"dir":"out","sel":{"src":"10.1.0.0/16","dst":"10.2.0.0/16"},"templates":[{"src":"192.0.2.1","dst":"192.0.2.2","reqid":1}]}
        """;

    private readonly Server _server = new();

    public async ValueTask InitializeAsync() => await _server.Api.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_state_is_added_read_with_and_without_its_key_updated_and_removed()
    {
        Assert.Equal(HttpStatusCode.Created, (await _server.PostAsync(States, State)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await _server.PostAsync(States, State)).StatusCode);
        Assert.Equal(XfrmBench.Key, Assert.Single(await StatesAsync(States)).Spec.Aead!.Key);
        Assert.Null(Assert.Single(await StatesAsync($"{States}?keys=false")).Spec.Aead!.Key);
        Assert.Equal(5U, Assert.Single(await StatesAsync($"{States}?dst=192.0.2.2&spi=5")).Spec.Spi);
        var limited = State.Replace("\"spi\"", "\"limits\":{\"byteHard\":9},\"spi\"");
        Assert.Equal(HttpStatusCode.OK, (await _server.PutAsync(States, limited)).StatusCode);
        Assert.Equal(9UL, Assert.Single(await StatesAsync(States)).Spec.Limits!.ByteHard);
        Assert.Equal(HttpStatusCode.NoContent, (await _server.DeleteAsync($"{States}?dst=192.0.2.2&spi=5")).StatusCode);
        var again = await _server.DeleteAsync($"{States}?dst=192.0.2.2&spi=5");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Equal(Errno.ESRCH, (await ErrorOf(again)).Errno);
    }

    [Fact]
    public async Task Policies_are_added_replaced_removed_and_flushed()
    {
        Assert.Equal(HttpStatusCode.Created, (await _server.PostAsync(Policies, Policy)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await _server.PostAsync(Policies, Policy)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _server.PutAsync(Policies, Policy.Replace("\"sel\"", "\"priority\":3,\"sel\""))).StatusCode);
        Assert.Equal((3U, 1U), Assert.Single(await PoliciesAsync()).Spec is var spec ? (spec.Priority, spec.Index) : default);
        Assert.Equal(HttpStatusCode.NotFound, (await _server.DeleteAsync($"{Policies}?index=9")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _server.DeleteAsync($"{Policies}?index=1")).StatusCode);
        await _server.PostAsync(Policies, Policy);
        Assert.Equal(HttpStatusCode.NoContent, (await _server.DeleteAsync(Policies)).StatusCode);
        Assert.Empty(await PoliciesAsync());
    }

    [Theory]
    [InlineData("""{"src":"192.0.2.1","dst":"192.0.2.2","spi":5}""", HttpStatusCode.BadRequest, Errno.EINVAL)]
    [InlineData("""{"src":"192.0.2.1","dst":"2001:db8::1","enc":{"name":"cbc(aes)","key":""}}""", HttpStatusCode.BadRequest, Errno.EINVAL)]
    [InlineData("""{"src":"192.0.2.1","dst":"x","spi":5}""", HttpStatusCode.BadRequest, Errno.EINVAL)]
    [InlineData("""{"src":"192.0.2.1","dst":"192.0.2.2","proto":"ah"}""", HttpStatusCode.UnprocessableEntity, Errno.EPROTONOSUPPORT)]
    [InlineData("""{"src":"192.0.2.1","dst":"192.0.2.2","enc":{"name":"rot13","key":""}}""",
        HttpStatusCode.UnprocessableEntity, Errno.ENOSYS)]
    [InlineData("""{"src":"192.0.2.1","dst":"192.0.2.2","flags":["nosuch"]}""", HttpStatusCode.BadRequest, Errno.EINVAL)]
    [InlineData("""{"src":"192.0.2.1","dst":"192.0.2.2","nosuch":1}""", HttpStatusCode.BadRequest, Errno.EINVAL)]
    [InlineData("null", HttpStatusCode.BadRequest, Errno.EINVAL)]
    public async Task A_state_that_makes_no_sense_is_refused(string body, HttpStatusCode status, int errno)
    {
        var response = await _server.PostAsync(States, body);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(errno, (await ErrorOf(response)).Errno);
        Assert.Empty(await StatesAsync(States));
    }

    [Theory]
    [InlineData($"{States}?dst=nosuch&spi=5")]
    [InlineData($"{States}?dst=192.0.2.2&spi=-5")]
    public async Task A_name_that_makes_no_sense_is_refused(string path)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await _server.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _server.DeleteAsync(path)).StatusCode);
    }

    [Fact]
    public async Task No_key_is_in_an_error_or_in_the_log()
    {
        foreach (var body in (string[])[State.Replace("128", "127"), State.Replace(":5,", $":\"{XfrmBench.Key}\",")])
        {
            var response = await _server.PostAsync(States, body);
            var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(XfrmBench.Key, answer, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(_server.Log.Lines, line => line.Contains(XfrmBench.Key, StringComparison.Ordinal));
    }

    private async Task<XfrmStateReport[]> StatesAsync(string path) =>
        (await _server.Client.GetFromJsonAsync(path, XfrmJson.Default.XfrmStateReportArray, TestContext.Current.CancellationToken))!;

    private async Task<XfrmPolicyReport[]> PoliciesAsync() =>
        (await _server.Client.GetFromJsonAsync(Policies, XfrmJson.Default.XfrmPolicyReportArray, TestContext.Current.CancellationToken))!;
}
