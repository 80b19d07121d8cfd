package kafka

import kafkago "github.com/segmentio/kafka-go"

// shared is the range balancer over a number of partitions that is known beforehand, whatever the brokers say of the topic at that
// moment. kafka-go shares out what its leader finds: nothing at all where the topic is away or a broker has just started, and that
// for as long as nobody joins or leaves, so that no partition is anybody's and no one tells why.
type shared struct {
	kafkago.RangeGroupBalancer
	topic      string
	partitions int32
}

// AssignGroups gives every partition to one member.
func (s shared) AssignGroups(members []kafkago.GroupMember, _ []kafkago.Partition) kafkago.GroupMemberAssignments {
	all := make([]kafkago.Partition, s.partitions)
	for i := range all {
		all[i] = kafkago.Partition{Topic: s.topic, ID: i}
	}
	return s.RangeGroupBalancer.AssignGroups(members, all)
}
