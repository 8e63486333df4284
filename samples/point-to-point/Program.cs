// A tunnel between two machines: what enters the TUN device here leaves the one there, a UDP datagram a packet, in the clear.
//   here:  point-to-point 10.9.7.1 10.9.7.2 192.0.2.1:5000 192.0.2.2:5000
//   there: point-to-point 10.9.7.2 10.9.7.1 192.0.2.2:5000 192.0.2.1:5000
using System.Net;
using System.Net.Sockets;
using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Packets;

const int Mtu = 1472; // what 1500 bytes leave after an IPv4 header of 20 and a UDP header of 8

if (args.Length != 4 || !IPAddress.TryParse(args[0], out var address) || !IPAddress.TryParse(args[1], out var peer) ||
    !IPEndPoint.TryParse(args[2], out var local) || !IPEndPoint.TryParse(args[3], out var remote))
{
    Console.Error.WriteLine("Usage: point-to-point ADDRESS PEER LOCAL:PORT REMOTE:PORT");
    return 1;
}

using var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
socket.Bind(local);
socket.Connect(remote); // so that only the other end is heard

using var device = TunDevice.Open("p2p%d");
using (var netlink = new RouteNetlink())
{
    netlink.Addresses.Add(new() { InterfaceIndex = device.Index, Address = address, Peer = peer, PrefixLength = 32 });
    netlink.Links.SetMtu(device.Index, Mtu);
    netlink.Links.SetUp(device.Index);
}

// Ctrl-C ends both directions in order; the device goes with its port.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

Console.WriteLine($"{device.Name} is up: {address} here, {peer} at {remote}");
try
{
    await await Task.WhenAny(DeviceToSocket(), SocketToDevice());
}
catch (OperationCanceledException)
{
    Console.WriteLine("Stopped.");
}

return 0;

async Task DeviceToSocket()
{
    var buffer = new byte[PacketBatch.MaxPacketLength];
    while (true)
    {
        var length = await device.ReadAsync(buffer, stop.Token);
        try
        {
            await socket.SendAsync(buffer.AsMemory(0, length), stop.Token);
        }
        catch (SocketException)
        {
            // Nobody is there yet, or there is no way: the packet is lost, as on any wire.
        }
    }
}

async Task SocketToDevice()
{
    var buffer = new byte[PacketBatch.MaxPacketLength];
    while (true)
    {
        try
        {
            var length = await socket.ReceiveAsync(buffer, stop.Token);
            await device.WriteAsync(buffer.AsMemory(0, length), stop.Token);
        }
        catch (Exception e) when (e is SocketException or LinuxException)
        {
            // Nobody was there for what we sent, or what came is no IP packet.
        }
    }
}
