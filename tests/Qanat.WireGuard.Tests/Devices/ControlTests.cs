using Qanat.Crypto;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

public class ControlTests
{
    private const ControlMessageType Question = (ControlMessageType)0x0E, Answer = (ControlMessageType)0x0F;

    [Fact]
    public void A_message_reaches_who_takes_its_type_and_can_be_answered()
    {
        using var hosts = new TwoHosts().Connect();
        List<string> said = [];
        hosts.Right.Device.HandleControl(Question, (peer, message) =>
        {
            said.Add($"{peer == hosts.LeftAtRight} {message.Identifier} {string.Join(',', message.Body.ToArray())}");
            Assert.True(hosts.Right.Device.SendControl(peer, Answer, message.Identifier, []));
        });
        hosts.Left.Device.HandleControl(Answer, (_, message) => said.Add($"answer {message.Identifier}"));
        Assert.True(hosts.Left.Device.SendControl(hosts.RightAtLeft, Question, 5, [1, 2]));
        hosts.Network.Run(0.1);
        Assert.Equal(["True 5 1,2", "answer 5"], said);
        Assert.Empty(hosts.Right.Arrived);
        Assert.Equal(0, hosts.LeftAtRight.Counters.TxPackets);
    }

    [Fact]
    public void An_answer_to_the_first_message_from_another_place_goes_there()
    {
        using var hosts = new TwoHosts().Connect();
        var answers = 0;
        hosts.Right.Device.HandleControl(Question, (peer, message) => hosts.Right.Device.SendControl(peer, Answer, message.Identifier, []));
        hosts.Left.Device.HandleControl(Answer, (_, _) => answers++);
        hosts.Left.Here = hosts.Left.Here with { Port = 4 };
        hosts.Left.Device.SendControl(hosts.RightAtLeft, Question, 5, []);
        hosts.Network.Run(0.1);
        Assert.Equal((1, 4), (answers, hosts.LeftAtRight.Endpoint.Port));
    }

    [Fact]
    public void What_nobody_takes_is_counted()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Left.Device.SendControl(hosts.RightAtLeft, Question, 5, []);
        using var crew = new AeadCrew(helpers: 0);
        using var outgoing = new Outgoing(hosts.Left, crew);
        outgoing.Add(hosts.Right.Here, hosts.RightAtLeft.Keypairs.Current!, 16, 16, trafficClass: 0).Clear();
        outgoing.Flush();
        hosts.Network.Run(0.1);
        Assert.Equal(2, hosts.LeftAtRight.Counters.Dropped(DropReason.UnknownControl));
        Assert.Empty(hosts.Right.Arrived);
    }

    [Fact]
    public void Without_a_session_none_is_sent_and_none_begun()
    {
        using var hosts = new TwoHosts();
        Assert.False(hosts.Left.Device.SendControl(hosts.RightAtLeft, Question, 5, []));
        Assert.Empty(hosts.Seen);
    }

    [Fact]
    public void They_keep_no_session_in_use_and_wait_for_nothing()
    {
        using var hosts = new TwoHosts().Connect();
        hosts.Network.Run(20); // the packet is confirmed
        hosts.Forget();
        hosts.Right.Device.HandleControl(Question, (peer, message) => hosts.Right.Device.SendControl(peer, Answer, message.Identifier, []));
        hosts.Left.Device.HandleControl(Answer, static (_, _) => { });
        var sent = 0;
        for (var i = 0; i < 600; i++)
        {
            sent += hosts.Left.Device.SendControl(hosts.RightAtLeft, Question, (uint)i, []) ? 1 : 0;
            hosts.Left.Settle();
            hosts.Network.Run(1);
        }
        Assert.InRange(sent, 150, 180); // until the session was too old
        Assert.Equal(2 * sent, hosts.Seen.Count); // questions and answers, and nothing else
        Assert.All(hosts.Seen, seen => Assert.Equal(MessageType.Transport, Message.TypeOf(seen.Datagram)));
    }
}
