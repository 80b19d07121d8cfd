package aggregate

import "fmt"

// Balance holds a frame's figures against each other as far as it carries them: total, sum of countries, of devices and of
// windows, mobile and mobile countries, net. It holds of every frame that Board.Frame makes, one window's too, and of those
// read from JSON. ErrUnbalanced names the figures.
func (f *Frame) Balance() error {
	paid := Measures{Orders: f.Total.Orders, GmvFen: f.Total.GmvFen}
	mobile := Measures{Orders: f.Mobile.Orders, GmvFen: f.Mobile.GmvFen}
	var countries, phones, devices, windows, windowPhones balanced
	for _, c := range f.Countries {
		countries.add(Measures{Orders: c.Orders, GmvFen: c.GmvFen})
		phones.add(Measures{Orders: c.MobileOrders, GmvFen: c.MobileGmvFen})
	}
	for _, d := range f.Devices {
		devices.add(Measures{Orders: d.Orders, GmvFen: d.GmvFen})
	}
	for _, w := range f.Windows {
		windows.add(w.Total.measures())
		windowPhones.add(Measures{Orders: w.Mobile.Orders, GmvFen: w.Mobile.GmvFen})
	}
	for _, side := range []struct {
		what string
		sum  balanced
		want Measures
	}{{"countries", countries, paid}, {"mobile of countries", phones, mobile}, {"devices", devices, paid},
		{"windows", windows, f.Total.measures()}, {"mobile of windows", windowPhones, mobile}} {
		if side.sum.wrong || side.sum.Measures != side.want {
			return fmt.Errorf("%w: %+v, sum of %s %+v", ErrUnbalanced, side.want, side.what, side.sum.Measures)
		}
	}
	if f.Total.NetFen != f.Total.GmvFen-f.Total.RefundFen {
		return fmt.Errorf("%w: net %d of %d less %d", ErrUnbalanced, f.Total.NetFen, f.Total.GmvFen, f.Total.RefundFen)
	}
	return nil
}

// balanced is a sum whose parts may be anything.
type balanced struct {
	Measures
	wrong bool // a part or the sum is below 0 or past MaxSum
}

func (s *balanced) add(m Measures) {
	sum, ok := s.Add(m)
	if low := m.Orders < 0 || m.GmvFen < 0 || m.Created < 0 || m.Refunds < 0 || m.RefundFen < 0; low || !m.within() || !ok {
		s.wrong = true
		return
	}
	s.Measures = sum
}

func (t *Total) measures() Measures {
	return Measures{Orders: t.Orders, GmvFen: t.GmvFen, Created: t.Created, Refunds: t.Refunds, RefundFen: t.RefundFen}
}
