import { plurals } from '../../../plurals';
import type english from '../../en/office/dashboard';

const plural = plurals('hi-IN');

const dashboard: typeof english = {
  dashboard: {
    page: 'प्रबंधन',
    title: 'आज',
    sold: 'आज की बिक्री',
    refunded: (amounts) => `${amounts} लौटाए गए`,
    tickets: 'आज के टिकट',
    screenings: 'आज के शो',
    toCome: (screenings) => plural(screenings, { one: '# अभी बाकी या चालू है', other: '# अभी बाकी या चालू हैं' }),
    taken: 'आज भरी सीटें',
    takenOf: (taken, seats) => `${seats} में से ${taken}`,
    next: 'अगले शो',
    nothingMore: 'आज और कोई शो नहीं है',
    columns: { time: 'समय', show: 'शो', where: 'कहाँ', taken: 'भरी सीटें' },
    firstSteps: 'शुरुआत कैसे करें',
    steps: {
      venue: 'थिएटर खोलें और उसकी स्क्रीन जोड़ें',
      show: 'फ़िल्म या नाटक जोड़ें, पोस्टर के साथ',
      schedule: 'शेड्यूल में डालें',
    },
    done: 'हो गया',
  },
  attention: {
    title: 'इन पर ध्यान दें',
    nothing: 'कुछ नहीं। सब ठीक है।',
    seen: 'ये मेल देख लिए',
    notLoaded: 'कुछ जानकारी लोड नहीं हो पाई। थोड़ी देर में अपने आप फिर कोशिश होगी।',
    parked: (steps) => plural(steps, { one: '# अटके काम का फ़ैसला बाकी है', other: '# अटके कामों का फ़ैसला बाकी है' }),
    halted: (lists) => plural(lists, { one: '# लिस्ट अब अपडेट नहीं हो रही', other: '# लिस्टें अब अपडेट नहीं हो रहीं' }),
    payments: (payments) => plural(payments, { one: '# भुगतान का फ़ैसला बाकी है', other: '# भुगतानों का फ़ैसला बाकी है' }),
    refunds: (refunds) => plural(refunds, { other: '# रिफ़ंड का फ़ैसला बाकी है' }),
    credits: (credits) => plural(credits, { other: '# क्रेडिट को दूसरे एडमिन की मंज़ूरी चाहिए' }),
    lateRefunds: (refunds) =>
      plural(refunds, { one: '# रिफ़ंड एक घंटे से ज़्यादा समय से अटका है', other: '# रिफ़ंड एक घंटे से ज़्यादा समय से अटके हैं' }),
    unmatched: (entries) =>
      plural(entries, { one: 'हिसाब मिलान में # एंट्री पर ध्यान दें', other: 'हिसाब मिलान में # एंट्रियों पर ध्यान दें' }),
    mails: (mails) => plural(mails, { one: '# मेल नहीं जा सका', other: '# मेल नहीं जा सके' }),
    cascades: (cancellations) => plural(cancellations, { other: '# रद्द शो में कुछ काम अटका है' }),
    storage: (name, percent) => `स्टोरेज ${name} ${percent} % भर चुका है`,
  },
};

export default dashboard;
